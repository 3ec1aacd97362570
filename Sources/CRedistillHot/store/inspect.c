/* This file owns looking at what a crash has left. */
#include "store/inspect.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MOST 64
/* For a shard: one of 16 GiB takes some ten. */
#define SECONDS_MOST 120

/* Shared by those who look. */
struct rd_inspection {
    uint32_t shards;
    _Atomic uint32_t next; /* the first that nobody has looked at */
    uint8_t sound[];       /* of each, 0 or 1 */
};

static size_t size_of(uint32_t shards) {
    return sizeof(struct rd_inspection) + shards;
}

/* What a walk over the entries finds beside what rd_shard_check does. */
struct look {
    const struct rd_region *region;
    bool strays; /* something is where it should not be */
};

static void look_at_blob(void *context, struct rd_blob *blob) {
    struct look *look = context;
    look->strays |= !rd_region_has(look->region, blob, sizeof *blob) ||
                    !rd_region_has(look->region, blob->bytes, rd_blob_capacity(blob)) || blob->length > rd_blob_capacity(blob);
}

static void look_at_entry(struct look *look, struct rd_shard *shard, uint32_t reference) {
    const struct rd_store *store = shard->store;
    struct rd_entry *entry = rd_shard_entry(shard, reference);
    struct rd_blob *key = rd_entry_key_blob(entry), *value = rd_entry_value_blob(entry);
    if (key) look_at_blob(look, key);
    if (value) look_at_blob(look, value);
    if (look->strays) return;
    if (rd_entry_root(entry)) store->shapes->each_node(value, look_at_blob, look);
    uint32_t room = store->classes.size[rd_arena_class_at(&shard->arena, reference)];
    look->strays |= rd_entry_size(entry) > room || rd_store_shard(store, rd_store_hash(store, rd_entry_key(entry))) != shard;
}

static bool is_sound(struct rd_shard *shard) {
    if (!rd_shard_check(shard)) return false;
    struct look look = {.region = shard->store->pool.region};
    uint32_t space = 0;
    do {
        const struct rd_list *lists = rd_shard_lists(shard, space);
        for (unsigned list = 0; list < RD_LISTS; list++) {
            for (uint32_t at = lists[list].oldest; at && !look.strays; at = rd_shard_entry(shard, at)->newer) {
                look_at_entry(&look, shard, at);
            }
        }
    } while (shard->partitioned && (space = rd_shard_space_after(shard, space)));
    return !look.strays;
}

/* Ends without a word, whatever happens to it, and with its parent. */
static void become_expendable(void) {
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM};
    sigset_t unblocked;
    sigemptyset(&unblocked);
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        signal(fatal[i], SIG_DFL);
        sigaddset(&unblocked, fatal[i]);
    }
    sigprocmask(SIG_UNBLOCK, &unblocked, NULL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static _Noreturn void look_at_all(struct rd_store *left, struct rd_inspection *inspection) {
    become_expendable();
    for (;;) {
        uint32_t number = atomic_fetch_add(&inspection->next, 1);
        if (number >= inspection->shards) _exit(0);
        struct rd_shard *shard = &left->shards[number];
        if (!rd_lock_is_free(&shard->lock)) continue;
        alarm(SECONDS_MOST);
        inspection->sound[number] = is_sound(shard);
    }
}

/* Of one round: whoever is ended by a shard leaves the rest to others. False: there was nobody. */
static bool look_at_some(struct rd_store *left, struct rd_inspection *inspection) {
    pid_t lookers[PROCESSES_MOST];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t count = 0, wanted = processors > 0 && processors < PROCESSES_MOST ? (uint32_t)processors : PROCESSES_MOST;
    if (wanted > inspection->shards) wanted = inspection->shards;
    while (count < wanted) {
        pid_t child = fork();
        if (child == 0) look_at_all(left, inspection);
        if (child < 0) break;
        lookers[count++] = child;
    }
    for (uint32_t i = 0; i < count; i++) {
        while (waitpid(lookers[i], NULL, 0) < 0 && errno == EINTR) {
        }
    }
    return count > 0;
}

struct rd_inspection *rd_inspect(struct rd_store *left) {
    struct rd_inspection *inspection =
        mmap(NULL, size_of(left->shard_count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (inspection == MAP_FAILED) return NULL;
    inspection->shards = left->shard_count;
    while (atomic_load(&inspection->next) < left->shard_count) {
        if (look_at_some(left, inspection)) continue;
        rd_inspection_free(inspection);
        return NULL;
    }
    return inspection;
}

bool rd_inspection_is_sound(const struct rd_inspection *inspection, uint32_t shard) {
    return inspection->sound[shard];
}

void rd_inspection_free(struct rd_inspection *inspection) {
    if (inspection) munmap(inspection, size_of(inspection->shards));
}
