/* This file owns counting what clients hold, and choosing who goes when it is too much. */
#include "connection/clients.h"

#include <stdio.h>
#include <stdlib.h>

#include "connection/conn.h"
#include "store/room.h"
#include "store/store.h"

/* A loop's sums are made known in steps of this, since every loop writes there. */
#define PUBLISH_STEP (16 << 10)
/* What strangers may hold together: a share of max_memory, within bounds. */
#define STRANGERS_SHARE 64
#define STRANGERS_LEAST (1u << 20)
#define STRANGERS_MOST (64u << 20)

uint64_t rd_clients_limit(const struct rd_settings *settings) {
    return (uint64_t)rd_setting(settings, RD_SET_MAX_CLIENT_MEMORY);
}

static uint64_t strangers_limit(const struct rd_settings *settings) {
    uint64_t memory = (uint64_t)rd_setting(settings, RD_SET_MAX_MEMORY), share = memory / STRANGERS_SHARE;
    if (memory == 0 || share > STRANGERS_MOST) return STRANGERS_MOST;
    return share > STRANGERS_LEAST ? share : STRANGERS_LEAST;
}

static int64_t get(const _Atomic int64_t *sum) {
    return atomic_load_explicit(sum, memory_order_relaxed);
}

static void add(_Atomic int64_t *sum, int64_t change) {
    if (change) atomic_fetch_add_explicit(sum, change, memory_order_relaxed);
}

/* What the loops count, what is on its way to them, and values that only unsent replies keep. */
static int64_t held_by_all(const struct rd_loop *loop) {
    const struct rd_clients *clients = &loop->shared->clients;
    return get(&clients->held) + (int64_t)atomic_load_explicit(&clients->feeds, memory_order_relaxed) +
           (int64_t)atomic_load_explicit(&loop->store->blobs.orphan_bytes, memory_order_relaxed);
}

/* What is too much, when all have gone that were told to; 0 when nothing is. */
static int64_t excess_of(const struct rd_loop *loop, bool of_strangers) {
    const struct rd_clients *clients = &loop->shared->clients;
    const struct rd_settings *settings = loop->settings;
    int64_t limit = (int64_t)(of_strangers ? strangers_limit(settings) : rd_clients_limit(settings));
    if (limit == 0) return 0;
    int64_t held = of_strangers ? get(&clients->strangers) - get(&clients->condemned_strangers)
                                : held_by_all(loop) - get(&clients->condemned);
    return held > limit ? held - limit : 0;
}

void rd_clients_publish(struct rd_loop *loop) {
    struct rd_shared *shared = loop->shared;
    struct rd_client_share *share = &loop->clients;
    if (shared->owns_process) { /* as the rest of what is measured */
        add(&loop->store->client_bytes, share->heap);
        /* Not only with the next measurement. */
        if (share->heap > 0 && rd_room_is_wanted(loop->store)) {
            atomic_store_explicit(&loop->store->relief, true, memory_order_relaxed);
        }
    }
    add(&shared->clients.held, share->held);
    add(&shared->clients.strangers, share->strangers);
    share->heap = share->held = share->strangers = 0;
    share->due = excess_of(loop, true) > 0 || excess_of(loop, false) > 0;
}

static bool is_step(int64_t change) {
    return change >= PUBLISH_STEP || change <= -PUBLISH_STEP;
}

static void publish_steps(struct rd_loop *loop) {
    const struct rd_client_share *share = &loop->clients;
    if (is_step(share->heap) || is_step(share->held) || is_step(share->strangers)) rd_clients_publish(loop);
}

/* Sets a part of what is counted; returns by how much it grew. */
static int64_t set(uint64_t *part, uint64_t bytes, rd_counter *sum) {
    int64_t change = (int64_t)(bytes - *part);
    if (change) rd_counter_add(sum, (uint64_t)change);
    *part = bytes;
    return change;
}

/* The power of two that the bytes are below; 0 for who is to be spared. */
static uint8_t class_of(const struct rd_conn *conn, uint64_t bytes) {
    if (bytes >> RD_CLIENT_LEAST_CLASS == 0 || conn->no_evict) return 0;
    unsigned class = 64 - (unsigned)__builtin_clzll(bytes);
    return (uint8_t)(class < RD_CLIENT_CLASSES ? class : RD_CLIENT_CLASSES - 1);
}

/* The worker's own look: it alone makes and ends it. */
static struct rd_held *held_of(const struct rd_conn *conn) {
    return atomic_load_explicit(&conn->held, memory_order_relaxed);
}

static void count_base(struct rd_client_share *share, int64_t bytes) {
    rd_counter_add(&share->base, (uint64_t)bytes);
    share->heap += bytes;
}

/* The same, made where there was none; NULL when memory is out, and then the connection ends. */
static struct rd_held *make_held(struct rd_conn *conn) {
    struct rd_held *held = held_of(conn);
    if (held) return held;
    if (!(held = calloc(1, sizeof *held))) {
        rd_conn_break(conn);
        return NULL;
    }
    count_base(&conn->loop->clients, sizeof *held);
    atomic_store_explicit(&conn->held, held, memory_order_release);
    return held;
}

static void end_held(struct rd_conn *conn, struct rd_held *held) {
    atomic_store_explicit(&conn->held, NULL, memory_order_relaxed);
    count_base(&conn->loop->clients, -(int64_t)sizeof *held);
    free(held);
}

/* Counts the connection anew among all: as one that holds so much beyond itself, a stranger or not. */
static void rank(struct rd_conn *conn, struct rd_held *held, uint64_t own, bool is_stranger) {
    struct rd_client_share *share = &conn->loop->clients;
    uint64_t bytes = own + (is_stranger ? RD_CONN_BYTES + held->tls : 0);
    uint64_t size = bytes + (conn->output ? conn->output->references : 0);
    if (held->stranger) share->strangers -= (int64_t)held->own;
    if (held->class) rd_counter_add(&share->classes[held->stranger][held->class], -held->size);
    if (is_stranger && !held->stranger) held->stranger_since_ms = conn->loop->monotonic_ms;
    share->held += (int64_t)(bytes - held->bytes);
    atomic_store_explicit(&held->own, own, memory_order_relaxed);
    atomic_store_explicit(&held->bytes, bytes, memory_order_relaxed);
    atomic_store_explicit(&held->size, size, memory_order_relaxed);
    atomic_store_explicit(&held->stranger, is_stranger, memory_order_relaxed);
    atomic_store_explicit(&held->class, class_of(conn, size), memory_order_relaxed);
    if (held->stranger) share->strangers += (int64_t)own;
    if (held->class) rd_counter_add(&share->classes[held->stranger][held->class], size);
}

enum rd_status rd_clients_enter(struct rd_conn *conn) {
    count_base(&conn->loop->clients, (int64_t)rd_conn_bytes(conn));
    struct rd_held *held = rd_conn_is_stranger(conn) ? make_held(conn) : NULL;
    if (held) {
        rank(conn, held, 0, true);
        held->stranger_since_ms = conn->created_ms; /* the listener may have had it for a while */
    }
    publish_steps(conn->loop);
    return conn->dead ? RD_ERR_NO_MEMORY : RD_OK;
}

/* What it holds, by parts; false when that is nothing. */
static bool look(const struct rd_conn *conn, struct rd_held *now) {
    if (conn->input) {
        now->input = rd_input_bytes(conn->input);
        now->blobs = rd_input_blob_bytes(conn->input);
    }
    if (conn->output) now->output = conn->output->memory;
    if (conn->transaction) {
        now->queue = conn->transaction->bytes;
        now->blobs += conn->transaction->blob_bytes;
    }
    now->queue += conn->prefix_bytes;
    if (conn->info) now->queue += conn->info->bytes;
    return now->input || now->output || now->queue || now->blobs;
}

static void show(_Atomic uint32_t *shown, uint64_t count) {
    atomic_store_explicit(shown, count < UINT32_MAX ? (uint32_t)count : UINT32_MAX, memory_order_relaxed);
}

static void show_buffers(const struct rd_conn *conn, struct rd_held *held) {
    const struct rd_input *input = conn->input;
    const struct rd_output *output = conn->output;
    show(&held->kept_bytes, input ? rd_input_waiting(input) : 0);
    show(&held->kept_room, input ? rd_input_room(input) : 0);
    show(&held->waiting_bytes, output ? output->waiting : 0);
    show(&held->waiting_pieces, output ? output->pieces : 0);
}

/* Counts the parts as they are now. */
static void count_parts(struct rd_client_share *share, struct rd_held *held, const struct rd_held *now) {
    share->heap += set(&held->input, now->input, &share->input) + set(&held->output, now->output, &share->output) +
                   set(&held->queue, now->queue, &share->queue);
    set(&held->blobs, now->blobs, &share->blobs);
}

void rd_clients_note(struct rd_conn *conn) {
    struct rd_held now = {0}, *held = held_of(conn);
    bool is_stranger = rd_conn_is_stranger(conn), holds = look(conn, &now);
    if (!held && !holds && !is_stranger) return;
    if (!held && !(held = make_held(conn))) return;
    count_parts(&conn->loop->clients, held, &now);
    show_buffers(conn, held);
    rank(conn, held, now.input + now.output + now.queue + now.blobs, is_stranger);
    publish_steps(conn->loop);
}

void rd_clients_note_tls(struct rd_conn *conn, int64_t change) {
    struct rd_client_share *share = &conn->loop->clients;
    if (change == 0) return;
    rd_counter_add(&share->tls, (uint64_t)change);
    share->heap += change;
    struct rd_held *held = change > 0 ? make_held(conn) : held_of(conn);
    if (held) {
        /* What one connection left behind for all, another may free: of its own it has never less than nothing. */
        int64_t tls = (int64_t)atomic_load_explicit(&held->tls, memory_order_relaxed) + change;
        atomic_store_explicit(&held->tls, tls > 0 ? (uint64_t)tls : 0, memory_order_relaxed);
        if (held->stranger) rank(conn, held, held->own, true);
    }
    publish_steps(conn->loop);
}

void rd_clients_rest(struct rd_conn *conn) {
    struct rd_held *held = held_of(conn);
    if (!held || held->own || held->tls || held->size || held->stranger) return;
    rd_lock_acquire(&conn->loop->connections_lock);
    if (!held->condemned) end_held(conn, held);
    rd_lock_release(&conn->loop->connections_lock);
}

void rd_clients_count_address(struct rd_conn *conn, struct rd_kept_address old) {
    count_base(&conn->loop->clients, (int64_t)rd_kept_address_bytes(conn->peer) - (int64_t)rd_kept_address_bytes(old));
    publish_steps(conn->loop);
}

void rd_clients_leave(struct rd_conn *conn) {
    struct rd_clients *clients = &conn->loop->shared->clients;
    struct rd_held *held = held_of(conn);
    count_base(&conn->loop->clients, -(int64_t)rd_conn_bytes(conn));
    if (held) {
        count_parts(&conn->loop->clients, held, &(struct rd_held){0});
        rank(conn, held, 0, false);
        if (held->condemned) {
            rd_clients_publish(conn->loop); /* first, or the same bytes would be too much once more */
            add(&clients->condemned, -(int64_t)held->condemned);
            add(&clients->condemned_strangers, -(int64_t)held->condemned_own);
        }
        end_held(conn, held);
    }
    publish_steps(conn->loop);
}

uint64_t rd_client_bytes(const struct rd_conn *conn) {
    const struct rd_held *held = atomic_load_explicit(&conn->held, memory_order_acquire);
    uint64_t bytes = rd_conn_bytes(conn);
    if (!held) return bytes;
    bytes += sizeof *held + atomic_load_explicit(&held->tls, memory_order_relaxed);
    /* What its unsent replies refer to is in the size alone. */
    bytes += atomic_load_explicit(&held->own, memory_order_relaxed) +
             atomic_load_explicit(&held->size, memory_order_relaxed) -
             atomic_load_explicit(&held->bytes, memory_order_relaxed);
    return bytes;
}

/* Of the strangers, or of the others: who goes, and what is known of the largest for the log. */
struct sentence {
    unsigned least;     /* the lowest class of which some go, and of those above all; RD_CLIENT_CLASSES: nobody */
    int64_t wanted;     /* bytes still to be had from the lowest class */
    uint64_t count, largest;
    char peer[RD_ADDRESS_SIZE], detail[RD_EVENT_DETAIL_SIZE];
};

struct verdict {
    struct rd_shared *shared;
    struct sentence of[2]; /* [1]: strangers */
};

static void describe(struct sentence *sentence, const struct rd_conn *conn, uint64_t bytes) {
    const char *name = conn->info && conn->info->name ? conn->info->name : "";
    sentence->largest = bytes;
    rd_conn_peer(conn, sentence->peer, sizeof sentence->peer);
    snprintf(sentence->detail, sizeof sentence->detail, "it held %llu bytes%s%.64s", (unsigned long long)bytes,
             *name ? ", its name is " : "", name);
}

/* With the connections lock of its loop held. */
static void judge(void *context, struct rd_conn *conn) {
    struct verdict *verdict = context;
    struct rd_held *held = atomic_load_explicit(&conn->held, memory_order_acquire);
    if (!held) return;
    uint64_t bytes = atomic_load_explicit(&held->size, memory_order_relaxed);
    unsigned class = atomic_load_explicit(&held->class, memory_order_relaxed);
    bool is_stranger = atomic_load_explicit(&held->stranger, memory_order_relaxed);
    struct sentence *sentence = &verdict->of[is_stranger];
    if (class == 0 || class < sentence->least || (class == sentence->least && sentence->wanted <= 0)) return;
    if (class == sentence->least) sentence->wanted -= (int64_t)bytes;
    held->condemned = bytes;
    held->condemned_own = is_stranger ? atomic_load_explicit(&held->own, memory_order_relaxed) : 0;
    add(&verdict->shared->clients.condemned, (int64_t)bytes);
    add(&verdict->shared->clients.condemned_strangers, (int64_t)held->condemned_own);
    sentence->count++;
    if (bytes > sentence->largest) describe(sentence, conn, bytes);
    atomic_store_explicit(&conn->kill, true, memory_order_relaxed);
}

static int64_t bytes_of_class(const struct rd_shared *shared, bool strangers, unsigned class) {
    uint64_t bytes = 0;
    for (const struct rd_loop *loop = shared->loops; loop; loop = loop->next) {
        bytes += rd_counter_get(&loop->clients.classes[strangers][class]);
    }
    return (int64_t)bytes;
}

/* From the largest down: the lowest class that has to give. Returns what is still too much when all of them are gone. */
static int64_t choose(struct verdict *verdict, bool strangers, int64_t excess) {
    struct sentence *sentence = &verdict->of[strangers];
    while (excess > 0 && sentence->least > RD_CLIENT_LEAST_CLASS) {
        sentence->wanted = excess;
        excess -= bytes_of_class(verdict->shared, strangers, --sentence->least);
    }
    return excess;
}

/* Strangers first, then the others; among each the largest first. */
static void decide(struct rd_loop *loop, bool of_strangers) {
    static const enum rd_event_kind kinds[] = {RD_EVENT_CLIENTS_EVICTED, RD_EVENT_STRANGERS_CLOSED};
    struct rd_shared *shared = loop->shared;
    struct verdict verdict = {.shared = shared};
    verdict.of[0].least = verdict.of[1].least = RD_CLIENT_CLASSES;
    int64_t excess = excess_of(loop, of_strangers);
    if (excess == 0) return;
    excess = choose(&verdict, true, excess);
    if (!of_strangers) choose(&verdict, false, excess);
    rd_shared_visit(shared, judge, &verdict);
    rd_counter_add(&loop->clients.evicted, verdict.of[0].count);
    rd_counter_add(&loop->clients.strangers_closed, verdict.of[1].count);
    for (int i = 0; i < 2; i++) {
        const struct sentence *sentence = &verdict.of[i];
        if (sentence->count) rd_events_tell_many(&shared->events, kinds[i], sentence->peer, sentence->detail, sentence->count);
    }
}

void rd_clients_relieve(struct rd_loop *loop) {
    struct rd_clients *clients = &loop->shared->clients;
    if (atomic_exchange(&clients->deciding, true)) return; /* it is still due for us, should it not be enough */
    loop->clients.due = false;
    decide(loop, true);
    decide(loop, false);
    atomic_store(&clients->deciding, false);
}

bool rd_clients_must_wait(const struct rd_conn *conn) {
    const struct rd_loop *loop = conn->loop;
    const struct rd_clients *clients = &loop->shared->clients;
    bool is_seen_to = get(&clients->condemned) > 0 || atomic_load_explicit(&clients->deciding, memory_order_relaxed);
    if (!is_seen_to || conn->closing || (!conn->input && conn->authenticated)) return false;
    const struct rd_held *held = held_of(conn);
    if (held && held->stranger && get(&clients->strangers) > (int64_t)strangers_limit(loop->settings)) return true;
    int64_t limit = (int64_t)rd_clients_limit(loop->settings);
    return limit && held_by_all(loop) > limit;
}

void rd_clients_add_to(const struct rd_client_share *share, struct rd_statistics *statistics) {
    statistics->memory_client_input += rd_counter_get(&share->input);
    statistics->memory_client_output += rd_counter_get(&share->output);
    statistics->memory_client_queues += rd_counter_get(&share->queue);
    statistics->memory_client_values += rd_counter_get(&share->blobs);
    statistics->memory_connections += rd_counter_get(&share->base);
    statistics->memory_tls += rd_counter_get(&share->tls);
    statistics->evicted_clients += rd_counter_get(&share->evicted);
    statistics->closed_strangers += rd_counter_get(&share->strangers_closed);
}
