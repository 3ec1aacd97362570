/* This file owns the thread of snapshots. */
#include "snapshot/snapshots.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/thread.h"
#include "resp/rdb.h"
#include "snapshot/file.h"
#include "snapshot/opcode.h"

#define DETAIL RD_EVENT_DETAIL_SIZE

enum rd_status rd_snapshots_init(struct rd_snapshots *snapshots, const char *path, struct rd_store *store,
                                 struct rd_shared *shared, struct rd_crash *crash) {
    snapshots->path = strdup(path);
    if (!snapshots->path) return RD_ERR_NO_MEMORY;
    snapshots->store = store;
    snapshots->shared = shared;
    snapshots->crash = crash;
    atomic_store(&snapshots->saved_s, rd_unix_ms() / 1000); /* as Redis, which counts its start as a save */
    atomic_store(&snapshots->took_ms, -1);
    return RD_OK;
}

static void tell(struct rd_snapshots *snapshots, enum rd_event_kind kind, const char *detail) {
    rd_events_tell(&snapshots->shared->events, kind, NULL, detail);
}

static void describe_failure(const struct rd_snapshot_result *result, char *detail) {
    if (result->is_cancelled) snprintf(detail, DETAIL, "it was ended by a stop");
    else if (result->error) snprintf(detail, DETAIL, "%s: %s", result->what, strerrordesc_np(result->error));
    else snprintf(detail, DETAIL, "%s", result->what);
}

static void note_result(struct rd_snapshots *snapshots, const struct rd_snapshot_result *result, bool fine) {
    char detail[DETAIL];
    int64_t took = rd_monotonic_ms() - atomic_load(&snapshots->began_ms);
    atomic_store(&snapshots->took_ms, took);
    atomic_store(&snapshots->shared->save_failed, !fine);
    if (!fine) {
        atomic_fetch_add(&snapshots->failures, 1);
        describe_failure(result, detail);
        tell(snapshots, RD_EVENT_SNAPSHOT_FAILED, detail);
        return;
    }
    atomic_fetch_add(&snapshots->saves, 1);
    atomic_store(&snapshots->saved_s, rd_unix_ms() / 1000);
    atomic_store(&snapshots->keys_saved, result->keys);
    atomic_store(&snapshots->bytes_saved, result->bytes);
    snprintf(detail, sizeof detail, "%llu keys, %llu bytes, %lld ms%s", (unsigned long long)result->keys,
             (unsigned long long)result->bytes, (long long)took,
             result->version > RD_RDB_VERSION ? "; fields of hashes have times, which Redis reads from 7.4 on" : "");
    tell(snapshots, RD_EVENT_SNAPSHOT_SAVED, detail);
}

/* A limit on the sizes of files is to be an error, not the end of the process. */
static void block_size_signal(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

static void *save(void *argument) {
    struct rd_snapshots *snapshots = argument;
    block_size_signal();
    void *crash_stack = rd_crash_enter(snapshots->crash);
    struct rd_snapshot_result result;
    bool fine = rd_snapshot_write(snapshots->store, snapshots->path, &snapshots->cancelled, &snapshots->keys_now, &result);
    note_result(snapshots, &result, fine);
    atomic_store(&snapshots->shared->saving, false);
    rd_crash_leave(crash_stack);
    return NULL;
}

/* With the lock held. What ran before has set its flag back, and is about to end. */
static enum rd_status start(struct rd_snapshots *snapshots, const char *name, void *(*run)(void *), _Atomic bool *flag) {
    if (snapshots->has_thread) pthread_join(snapshots->thread, NULL);
    atomic_store(&snapshots->cancelled, false);
    atomic_store(&snapshots->keys_now, 0);
    atomic_store(&snapshots->began_ms, rd_monotonic_ms());
    atomic_store(flag, true);
    snapshots->has_thread = rd_thread_start(&snapshots->thread, name, run, snapshots) == RD_OK;
    if (snapshots->has_thread) return RD_OK;
    atomic_store(flag, false);
    return RD_ERR_THREAD;
}

enum rd_status rd_snapshots_begin(struct rd_snapshots *snapshots) {
    struct rd_shared *shared = snapshots->shared;
    enum rd_status status = RD_ERR_STATE;
    rd_lock_acquire(&snapshots->lock);
    if (!atomic_load(&shared->saving) && !atomic_load(&shared->loading)) {
        status = start(snapshots, "snapshot", save, &shared->saving);
    }
    rd_lock_release(&snapshots->lock);
    return status;
}

static uint64_t left_out(const struct rd_load_counts *counts) {
    uint64_t sum = counts->of_database + counts->without_room + counts->too_large + counts->malformed + counts->functions;
    for (int i = 0; i < RD_FILE_FORMS; i++) sum += counts->of_type[i];
    return sum;
}

static const char *name_of(int form) {
    switch (form) {
    case RD_FILE_MODULE_2: return "of modules";
    case RD_FILE_STREAM:
    case RD_FILE_STREAM_2:
    case RD_FILE_STREAM_3: return "streams";
    default: return "of a type that is not here";
    }
}

static void tell_some(struct rd_snapshots *snapshots, uint64_t count, const char *what) {
    char detail[DETAIL];
    if (count == 0) return;
    snprintf(detail, sizeof detail, "%llu %s", (unsigned long long)count, what);
    tell(snapshots, RD_EVENT_SNAPSHOT_LEFT_OUT, detail);
}

static void tell_left_out(struct rd_snapshots *snapshots, const struct rd_load_counts *counts) {
    for (int form = 0; form < RD_FILE_FORMS; form++) {
        char what[DETAIL / 2];
        snprintf(what, sizeof what, "keys that are %s (type %d)", name_of(form), form);
        tell_some(snapshots, counts->of_type[form], what);
    }
    tell_some(snapshots, counts->of_database, "keys of databases that are not here");
    tell_some(snapshots, counts->without_room, "keys that the memory limit has no room for");
    tell_some(snapshots, counts->too_large, "keys larger than the memory limit");
    tell_some(snapshots, counts->malformed, "keys whose values are malformed, or longer than max_bulk_length");
    tell_some(snapshots, counts->functions, "libraries of functions");
}

/* A directory that was named by mistake, too, stays where it is. */
static bool is_file(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* The file goes aside, so that the next snapshot does not take its place. */
static void put_aside(struct rd_snapshots *snapshots, const char *why) {
    char detail[DETAIL];
    char *aside;
    if (asprintf(&aside, "%s.damaged", snapshots->path) < 0) aside = NULL;
    bool fine = aside && is_file(snapshots->path) && rename(snapshots->path, aside) == 0;
    snprintf(detail, sizeof detail, "%s; %s", why, fine ? "it is kept with .damaged behind its name" : "it stays where it is");
    free(aside);
    tell(snapshots, RD_EVENT_SNAPSHOT_DAMAGED, detail);
}

static void note_loaded(struct rd_snapshots *snapshots, const struct rd_load *load) {
    char detail[DETAIL];
    const struct rd_load_counts *counts = &load->counts;
    atomic_store(&snapshots->loaded, counts->keys);
    atomic_store(&snapshots->load_expired, counts->expired);
    atomic_store(&snapshots->load_left_out, left_out(counts));
    snprintf(detail, sizeof detail, "%llu keys, %llu expired, %lld ms", (unsigned long long)counts->keys,
             (unsigned long long)counts->expired, (long long)(rd_monotonic_ms() - atomic_load(&snapshots->began_ms)));
    tell(snapshots, RD_EVENT_SNAPSHOT_LOADED, detail);
    tell_left_out(snapshots, counts);
}

static void note_load(struct rd_snapshots *snapshots, const struct rd_load *load, enum rd_load_outcome outcome) {
    char why[DETAIL / 2];
    switch (outcome) {
    case RD_LOAD_WHOLE: note_loaded(snapshots, load); break;
    case RD_LOAD_NONE:
    case RD_LOAD_CANCELLED: break;
    case RD_LOAD_DAMAGED:
        snprintf(why, sizeof why, "it is cut or damaged, seen at byte %llu", (unsigned long long)load->offset);
        put_aside(snapshots, why);
        break;
    case RD_LOAD_FOREIGN:
        if (load->form) snprintf(why, sizeof why, "it has a value of the unknown type %u", load->form);
        else snprintf(why, sizeof why, "it is no file of Redis's, or of a newer version");
        put_aside(snapshots, why);
        break;
    case RD_LOAD_FAILED: /* it may be whole: all the more it is not to be replaced */
        snprintf(why, sizeof why, "it can't be read: %s", strerrordesc_np(load->error));
        put_aside(snapshots, why);
        break;
    }
}

static void *load(void *argument) {
    struct rd_snapshots *snapshots = argument;
    void *crash_stack = rd_crash_enter(snapshots->crash);
    struct rd_load load = {
        .store = snapshots->store,
        .settings = &snapshots->shared->settings,
        .cancelled = &snapshots->cancelled,
        .done = &snapshots->keys_now,
    };
    rd_snapshot_file_sweep(snapshots->path);
    enum rd_load_outcome outcome = rd_load_file(&load, snapshots->path);
    note_load(snapshots, &load, outcome);
    rd_clusters_end_load(snapshots->shared, snapshots->store);
    if (!atomic_load(&snapshots->cancelled)) rd_store_guard(snapshots->store, snapshots->keep);
    atomic_store(&snapshots->shared->loading, false);
    rd_crash_leave(crash_stack);
    return NULL;
}

enum rd_status rd_snapshots_load(struct rd_snapshots *snapshots, const struct rd_keep *keep) {
    enum rd_status status = RD_ERR_STATE;
    rd_lock_acquire(&snapshots->lock);
    if (!snapshots->has_begun_load) {
        snapshots->keep = keep;
        rd_clusters_begin_load(snapshots->shared, snapshots->store);
        status = start(snapshots, "snapshot-load", load, &snapshots->shared->loading);
    }
    snapshots->has_begun_load = true;
    rd_lock_release(&snapshots->lock);
    return status;
}

void rd_snapshots_cancel(struct rd_snapshots *snapshots) {
    rd_lock_acquire(&snapshots->lock);
    atomic_store(&snapshots->cancelled, true);
    if (snapshots->has_thread) pthread_join(snapshots->thread, NULL);
    snapshots->has_thread = false;
    rd_lock_release(&snapshots->lock);
}

void rd_snapshots_destroy(struct rd_snapshots *snapshots) {
    rd_snapshots_cancel(snapshots);
    free(snapshots->path);
    snapshots->path = NULL;
}

void rd_snapshots_facts(const struct rd_snapshots *snapshots, struct rd_snapshot_facts *facts) {
    const struct rd_shared *shared = snapshots->shared;
    *facts = (struct rd_snapshot_facts){
        .is_on = true,
        .is_loading = atomic_load(&shared->loading),
        .is_saving = atomic_load(&shared->saving),
        .has_failed = atomic_load(&shared->save_failed),
        .saved_s = atomic_load(&snapshots->saved_s),
        .took_ms = atomic_load(&snapshots->took_ms),
        .saves = atomic_load(&snapshots->saves),
        .failures = atomic_load(&snapshots->failures),
        .keys_saved = atomic_load(&snapshots->keys_saved),
        .bytes_saved = atomic_load(&snapshots->bytes_saved),
        .keys_now = atomic_load(&snapshots->keys_now),
        .loaded = atomic_load(&snapshots->loaded),
        .load_expired = atomic_load(&snapshots->load_expired),
        .load_left_out = atomic_load(&snapshots->load_left_out),
    };
    facts->now_ms = facts->is_saving ? rd_monotonic_ms() - atomic_load(&snapshots->began_ms) : -1;
}
