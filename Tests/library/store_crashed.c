/*
 * This file owns the test of a store whose process is killed: at any moment of two threads that change keys of every kind.
 * What the next store has of it is what was written last, and nothing that was not; only keys of shards that were just being
 * changed may be missing. Then what is damaged, or does not fit the new store: the rest is there.
 *
 *     store_crashed [times killed [seed]]
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kept_keys.h"
#include "store/layout.h"
#include "store/relief.h"

#define THREADS 2u

/* Shared with the process that is killed. Of each key: the version that is about to be written, and that was; 0: none. */
struct journal {
    _Atomic int descriptor;
    _Atomic uint64_t steps;
    _Atomic uint32_t begun[KEYS], done[KEYS];
};

static uint64_t random_state;

static uint64_t next_random(uint64_t *state) {
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

static struct rd_keep usual_keep(int fd) {
    return (struct rd_keep){.fd = fd, .fingerprint = FINGERPRINT, .after_crash = true, .any_shards = true};
}

static struct rd_store *open_store(const struct rd_store_options *options, struct rd_keep *keep) {
    struct rd_store *store;
    REQUIRE(rd_store_open(options, keep, &store) == RD_OK);
    rd_store_guard(store, keep);
    return store;
}

/* Whether it is there. */
static bool is_there(struct rd_store *store, uint32_t number) {
    struct place place;
    look(store, number, &place);
    rd_shard_unlock(place.shard);
    return place.found.entry != NULL;
}

static void remove_key(struct rd_store *store, uint32_t number) {
    struct place place;
    look(store, number, &place);
    if (place.found.entry) rd_shard_remove(place.shard, place.found);
    rd_shard_unlock(place.shard);
}

struct changer {
    struct rd_store *store;
    struct journal *journal;
    uint64_t random;
    uint32_t number;
};

/* Versions of three in four are written; the others remove the key. */
static bool is_written(uint32_t version) {
    return version % 4 != 0;
}

static void *change(void *argument) {
    struct changer *changer = argument;
    struct journal *journal = changer->journal;
    uint32_t at = 0;
    for (;;) {
        uint32_t number = (uint32_t)(next_random(&changer->random) % (KEYS / THREADS)) * THREADS + changer->number;
        uint32_t version = atomic_load(&journal->begun[number]) + 1;
        atomic_store(&journal->begun[number], version);
        if (is_written(version)) put(changer->store, number, version);
        else remove_key(changer->store, number);
        atomic_store(&journal->done[number], version);
        atomic_fetch_add(&journal->steps, 1);
        if (version % 8 == 0) (void)rd_store_relieve(changer->store, &at, 100);
    }
}

static _Noreturn void change_until_killed(struct journal *journal, uint64_t seed) {
    struct rd_store_options options = usual();
    struct rd_keep keep = usual_keep(-1);
    struct rd_store *store = open_store(&options, &keep);
    struct changer changers[THREADS];
    pthread_t threads[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        changers[i] = (struct changer){store, journal, seed * THREADS + i + 1, i};
        REQUIRE(pthread_create(&threads[i], NULL, change, &changers[i]) == 0);
    }
    atomic_store(&journal->descriptor, rd_store_descriptor(store));
    for (;;) pause();
}

/* Its memory, of a process that has been killed. */
static int kill_in_the_middle(struct journal *journal) {
    uint64_t seed = next_random(&random_state), steps = 500 + seed % 8000;
    *journal = (struct journal){.descriptor = -1};
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) change_until_killed(journal, seed);
    while (atomic_load(&journal->descriptor) < 0 || atomic_load(&journal->steps) < steps) sched_yield();
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)child, atomic_load(&journal->descriptor));
    int fd = open(path, O_RDWR | O_CLOEXEC);
    REQUIRE(fd >= 0 && kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    return fd;
}

/* Returns how many are missing. */
static uint64_t check_against(const struct journal *journal, struct rd_store *store) {
    uint64_t missing = 0;
    for (uint32_t number = 0; number < KEYS; number++) {
        uint32_t begun = atomic_load(&journal->begun[number]), done = atomic_load(&journal->done[number]);
        struct place place;
        look(store, number, &place);
        if (!place.found.entry) {
            missing += done != 0 && is_written(done) && is_written(begun);
        } else {
            /* Lengths are by the version, too. */
            struct rd_slice value = rd_entry_value(place.found.entry);
            bool is_begun = begun != done && is_written(begun) &&
                            (!is_written(done) || type_of(number) != RD_VALUE_STRING || value.length == length_of(number, begun));
            REQUIRE(is_begun || is_written(done));
            /* Members tell which version it is: one of the two. */
            if (type_of(number) == RD_VALUE_STRING || begun == done) check_found(&place, number, is_begun ? begun : done);
        }
        rd_shard_unlock(place.shard);
    }
    return missing;
}

static void is_recovered_wherever_it_is_killed(uint32_t times) {
    struct journal *journal = mmap(NULL, sizeof *journal, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(journal != MAP_FAILED);
    uint32_t whole = 0;
    for (uint32_t time = 0; time < times; time++) {
        struct rd_store_options options = usual();
        options.shards = 4u << time % 3;
        struct rd_keep keep = usual_keep(kill_in_the_middle(journal));
        struct rd_store *store = open_store(&options, &keep);
        const struct rd_recovery *recovery = &keep.recovery;
        REQUIRE(recovery->shards == usual().shards && recovery->lost_shards <= THREADS);
        REQUIRE(keep.adopted && !keep.why_cold && rd_store_check(store));
        /* One that was being replaced may not have been counted. */
        REQUIRE(check_against(journal, store) <= recovery->lost_keys + recovery->lost_shards);
        REQUIRE(recovery->lost_keys == 0 || recovery->lost_shards > 0);
        whole += recovery->lost_shards == 0;
        rd_store_close(store);
    }
    printf("store_crashed: killed %u times, nothing was lost %u times\n", times, whole);
    munmap(journal, sizeof *journal);
}

/* A store with all keys, which goes on in place of its process: NULL. */
static int left_by_crash(void (*before)(struct rd_store *)) {
    struct rd_store_options options = usual();
    struct rd_keep keep = usual_keep(-1);
    struct rd_store *store = open_store(&options, &keep);
    for (uint32_t number = 0; number < KEYS; number++) put(store, number, 1);
    if (before) before(store);
    int fd = dup(rd_store_descriptor(store));
    REQUIRE(fd >= 0);
    rd_region_close(store->pool.region);
    return fd;
}

static uint32_t count_there(struct rd_store *store) {
    uint32_t there = 0;
    for (uint32_t number = 0; number < KEYS; number++) {
        if (!is_there(store, number)) continue;
        check(store, number, 1);
        there++;
    }
    REQUIRE(rd_store_check(store));
    return there;
}

/* One shard of what is left is lost, and what is in it. */
static void loses_one_shard(void (*damage)(struct rd_store *)) {
    struct rd_store_options options = usual();
    struct rd_keep keep = usual_keep(left_by_crash(damage));
    struct rd_store *store = open_store(&options, &keep);
    REQUIRE(keep.adopted && keep.recovery.lost_shards == 1);
    REQUIRE(count_there(store) == keep.recovery.keys && keep.recovery.keys > KEYS / 2);
    rd_store_close(store);
}

static struct rd_entry *entry_with(struct rd_store *store, bool (*suits)(const struct rd_entry *)) {
    for (uint32_t number = 0; number < KEYS; number++) {
        struct place place;
        look(store, number, &place);
        rd_shard_unlock(place.shard);
        if (suits(place.found.entry)) return place.found.entry;
    }
    REQUIRE(!"an entry that suits");
    return NULL;
}

static bool has_text(const struct rd_entry *entry) {
    return rd_entry_value_blob(entry) && !rd_entry_root(entry);
}

static bool has_nodes(const struct rd_entry *entry) {
    return rd_entry_root(entry) != NULL;
}

static void hold_a_lock(struct rd_store *store) {
    rd_lock_acquire(&store->shards[3].lock);
}

static void point_astray(struct rd_store *store) {
    rd_layout_write_pointer(rd_entry_value_place(entry_with(store, has_text)), (struct rd_blob *)(uintptr_t)0x1230);
}

static void point_out_of_the_region(struct rd_store *store) {
    static char elsewhere[64];
    rd_entry_value_blob(entry_with(store, has_text))->bytes = elsewhere;
}

static void make_a_ring(struct rd_store *store) {
    struct rd_list *list = &store->shards[2].lists[0];
    rd_shard_entry(&store->shards[2], list->newest)->newer = list->oldest;
}

static void miscount(struct rd_store *store) {
    rd_counter_add(&store->shards[1].payload_bytes, 1);
}

static void change_a_key(struct rd_store *store) {
    struct rd_entry *entry = rd_shard_entry(&store->shards[4], store->shards[4].lists[0].newest);
    ((char *)(uintptr_t)rd_entry_key(entry).bytes)[0] ^= 1;
}

static void change_a_node(struct rd_store *store) {
    rd_entry_root(entry_with(store, has_nodes))->count++;
}

static void hold_all(struct rd_store *store) {
    for (uint32_t i = 0; i < store->shard_count; i++) rd_lock_acquire(&store->shards[i].lock);
}

static void hold_books(struct rd_store *store) {
    rd_lock_acquire(&store->pool.lock);
    rd_lock_acquire(&store->blobs.lock);
    rd_lock_acquire(&store->blobs.spans.lock);
    rd_lock_acquire(&store->flush.lock);
    rd_lock_acquire(&store->pool.region->lock);
    atomic_store(&store->blobs.slab_bytes, 1);
    memset(store->blobs.partial, 0xff, sizeof store->blobs.partial);
    memset(store->pool.free_head, 0xff, sizeof store->pool.free_head);
}

static void lose_the_pool(struct rd_store *store) {
    store->pool.base = (char *)0x1000;
}

static void crash_again(struct rd_store *store) {
    store->pool.region->recovered_ms = time(NULL) * 1000ll - 1000;
}

static void leave_unguarded(struct rd_store *store) {
    store->pool.region->state = RD_REGION_USED;
}

static void is_cold(void (*damage)(struct rd_store *), const char *why) {
    struct rd_store_options options = usual();
    struct rd_keep keep = usual_keep(left_by_crash(damage));
    struct rd_store *store = open_store(&options, &keep);
    REQUIRE(!keep.adopted && strstr(keep.why_cold, why) && count_there(store) == 0);
    rd_store_close(store);
}

/* As after COPY. */
static void share_a_value(struct rd_store *store) {
    struct place from, to;
    look(store, 207, &from);
    REQUIRE(has_text(from.found.entry));
    struct rd_blob *blob = rd_blob_retain(rd_entry_value_blob(from.found.entry));
    rd_shard_unlock(from.shard);
    look(store, 0, &to);
    struct rd_new_value new = {.blob = blob};
    REQUIRE(rd_shard_put(to.shard, to.hash, to.key, &to.found, &new) == RD_OK);
    rd_shard_unlock(to.shard);
}

static void shared_values_are_whole(void) {
    struct rd_store_options options = usual();
    struct rd_keep keep = usual_keep(left_by_crash(share_a_value));
    struct rd_store *store = open_store(&options, &keep);
    struct place from, to;
    look(store, 207, &from);
    check_found(&from, 207, 1);
    rd_shard_unlock(from.shard);
    look(store, 0, &to);
    REQUIRE(rd_entry_value_blob(to.found.entry) == rd_entry_value_blob(from.found.entry));
    rd_shard_unlock(to.shard);
    REQUIRE(rd_store_check(store) && keep.recovery.keys == KEYS);
    rd_store_close(store);
}

static void swap_and_flush(struct rd_store *store) {
    struct rd_shard_set all;
    rd_shard_set_clear(store, &all);
    rd_shard_set_fill(store, &all);
    REQUIRE(rd_store_lock_set(store, &all));
    rd_store_swap_databases(store, 0, 1);
    rd_store_flush_database(store, 2, rd_store_next_space(store, 2));
    rd_store_unlock_set(store, &all);
}

static void databases_are_as_they_were(void) {
    struct rd_store_options options = usual();
    struct rd_keep keep = usual_keep(left_by_crash(swap_and_flush));
    struct rd_store *store = open_store(&options, &keep);
    REQUIRE(rd_store_keys(store, 2) == 0 && rd_store_keys(store, 0) == KEYS / 3 && rd_store_keys(store, 1) == KEYS / 3);
    rd_store_swap_databases(store, 0, 1);
    REQUIRE(count_there(store) == KEYS / 3 * 2);
    rd_store_close(store);
}

static void what_does_not_fit_is_lost(void) {
    struct rd_store_options options = usual();
    options.databases = 2;
    struct rd_keep keep = usual_keep(left_by_crash(NULL));
    struct rd_store *store = open_store(&options, &keep);
    REQUIRE(keep.adopted && keep.recovery.keys == KEYS / 3 * 2 && keep.recovery.lost_keys == 0 && rd_store_check(store));
    rd_store_close(store);

    options = usual();
    options.limit = 8u << 20;
    keep = usual_keep(left_by_crash(NULL));
    store = open_store(&options, &keep);
    REQUIRE(keep.adopted && keep.recovery.keys > 100 && keep.recovery.keys + keep.recovery.lost_keys == KEYS);
    REQUIRE(count_there(store) == keep.recovery.keys);
    rd_store_close(store);

    options = usual();
    keep = usual_keep(left_by_crash(NULL));
    keep.most_resident = 12u << 20;
    store = open_store(&options, &keep);
    REQUIRE(keep.adopted && keep.recovery.lost_keys > 100 && keep.recovery.keys + keep.recovery.lost_keys == KEYS);
    REQUIRE(count_there(store) == keep.recovery.keys);
    rd_store_close(store);
}

/* From the first place to the second, and back. */
static void is_recovered_twice(void) {
    struct rd_store_options options = usual();
    struct rd_keep keep = usual_keep(left_by_crash(NULL));
    for (int i = 0; i < 2; i++) {
        struct rd_store *store = open_store(&options, &keep);
        REQUIRE(keep.adopted && keep.recovery.lost_keys == 0 && count_there(store) == KEYS);
        store->pool.region->recovered_ms = 0;
        keep = usual_keep(dup(rd_store_descriptor(store)));
        rd_region_close(store->pool.region);
    }
    close(keep.fd);
}

/* What the lists of the only shard have, in their order, with all marks. */
static uint64_t order_of(struct rd_store *store) {
    const struct rd_hash_seed seed = {1, 2};
    struct rd_shard *shard = &store->shards[0];
    uint64_t order = 0;
    for (unsigned list = 0; list < RD_LISTS; list++) {
        for (uint32_t at = shard->lists[list].oldest; at; at = rd_shard_entry(shard, at)->newer) {
            const struct rd_entry *entry = rd_shard_entry(shard, at);
            struct rd_slice key = rd_entry_key(entry);
            order = (order ^ rd_hash(&seed, key.bytes, key.length) ^ entry->flags ^ (uint64_t)entry->age << 32) * 0x100000001b3u;
        }
    }
    return order;
}

static void eviction_goes_on_as_before(void) {
    struct rd_store_options options = usual();
    options.shards = 1;
    struct rd_keep keep = usual_keep(-1);
    struct rd_store *store = open_store(&options, &keep);
    for (uint32_t number = 0; number < KEYS; number++) {
        put(store, number, 1);
        struct place place;
        look(store, number, &place);
        for (uint32_t hits = number % 4; hits > 0; hits--) rd_entry_touch(place.found.entry);
        if (number % 5 == 0) rd_shard_refresh(place.shard, place.found.reference, place.found.entry->flags ^ RD_IN_SMALL);
        place.found.entry->age = number % 32;
        rd_shard_unlock(place.shard);
    }
    uint64_t order = order_of(store);
    keep = usual_keep(dup(rd_store_descriptor(store)));
    rd_region_close(store->pool.region);
    store = open_store(&options, &keep);
    REQUIRE(keep.adopted && order_of(store) == order && rd_store_check(store));
    rd_store_close(store);
}

int main(int argc, char **argv) {
    uint32_t times = argc > 1 ? (uint32_t)atoi(argv[1]) : 15;
    random_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    loses_one_shard(hold_a_lock);
    loses_one_shard(point_astray);
    loses_one_shard(point_out_of_the_region);
    loses_one_shard(make_a_ring);
    loses_one_shard(miscount);
    loses_one_shard(change_a_key);
    loses_one_shard(change_a_node);
    is_cold(hold_all, "no part of it is sound");
    is_cold(lose_the_pool, "head is damaged");
    is_cold(crash_again, "crashed again");
    is_cold(leave_unguarded, "in order");
    struct rd_store_options options = usual();
    struct rd_keep keep = usual_keep(left_by_crash(hold_books));
    struct rd_store *store = open_store(&options, &keep);
    REQUIRE(keep.adopted && keep.recovery.lost_keys == 0 && count_there(store) == KEYS);
    rd_store_close(store);
    shared_values_are_whole();
    databases_are_as_they_were();
    what_does_not_fit_is_lost();
    is_recovered_twice();
    eviction_goes_on_as_before();
    is_recovered_wherever_it_is_killed(times);
    rd_shape_scratch_free(&scratch);
    return 0;
}
