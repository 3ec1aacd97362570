/*
 * This file owns the test of a store that outlives its process: it is filled with values of every size class, with times to
 * live, in several databases, and with hashes and sorted sets in both forms; parked; and adopted after an exec by another
 * program of the same pages, which compares, changes a part and parks it again, so many times over. At the end nothing may
 * have grown that was there before. What must not be adopted is tried too.
 *
 *     store_kept [generations]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kept_keys.h"
#include "store/relief.h"

/* A key's value in a generation: every eighth changes with each, and is after four what it was. */
static uint32_t version_of(uint32_t number, uint32_t generation) {
    return number % 8 == 0 ? generation % 4 : 0;
}

static void settle(struct rd_store *store) {
    uint32_t at = 0;
    rd_flush_finish(store);
    while (rd_store_relieve(store, &at, 100000)) {
    }
    REQUIRE(rd_store_check(store));
}

/* The region once more in this program, by somebody whose descriptor is another. */
static const char *refusal(int fd, const struct rd_store_options *options, uint64_t fingerprint) {
    struct rd_store *store;
    struct rd_keep keep = {.fd = dup(fd), .fingerprint = fingerprint};
    REQUIRE(rd_store_open(options, &keep, &store) == RD_OK && !keep.adopted && keep.why_cold);
    struct rd_statistics statistics = {0};
    rd_store_statistics(store, 1, &statistics);
    REQUIRE(statistics.keys == 0 && rd_store_check(store));
    rd_store_close(store);
    return keep.why_cold;
}

static void is_refused(int fd) {
    struct rd_store_options options = usual();
    REQUIRE(strstr(refusal(fd, &options, FINGERPRINT + 1), "layout"));
    options.shards = 16;
    REQUIRE(strstr(refusal(fd, &options, FINGERPRINT), "number of shards"));
    options = usual();
    options.databases = 4;
    REQUIRE(strstr(refusal(fd, &options, FINGERPRINT), "databases"));
    options = usual();
    uint8_t shares[RD_SPACES] = {30};
    options.shares = shares;
    REQUIRE(strstr(refusal(fd, &options, FINGERPRINT), "shares"));
    options = usual();
    int pipes[2];
    REQUIRE(pipe(pipes) == 0);
    REQUIRE(strstr(refusal(pipes[0], &options, FINGERPRINT), "not a store"));
}

/* A byte of the store's own struct is another, and later it is as it was. */
static void is_refused_when_damaged(int fd) {
    struct rd_region head;
    struct rd_store_options options = usual();
    char was, other;
    REQUIRE(pread(fd, &head, sizeof head, 0) == sizeof head);
    off_t at = (off_t)((uintptr_t)head.root - (uintptr_t)head.place) + 8;
    REQUIRE(pread(fd, &was, 1, at) == 1);
    other = (char)(was ^ 1);
    REQUIRE(pwrite(fd, &other, 1, at) == 1);
    REQUIRE(strstr(refusal(fd, &options, FINGERPRINT), "checksum"));
    REQUIRE(pwrite(fd, &was, 1, at) == 1);
    head.state = RD_REGION_USED;
    REQUIRE(pwrite(fd, &head, sizeof head, 0) == sizeof head);
    REQUIRE(strstr(refusal(fd, &options, FINGERPRINT), "in order"));
    head.state = RD_REGION_PARKED;
    REQUIRE(pwrite(fd, &head, sizeof head, 0) == sizeof head);
}

static uint64_t used_by(const struct rd_store *store) {
    return atomic_load(&store->pool.used_bytes) + atomic_load(&store->blobs.span_bytes);
}

/* A key in a slot that none of the first database's others is in. */
static void look_for_stray(struct rd_store *store, struct place *place) {
    static struct rd_slot_set taken;
    for (uint32_t number = 0; number < KEYS; number += DATABASES) {
        look(store, number, place);
        rd_shard_unlock(place->shard);
        rd_slot_set_add(&taken, rd_slot_of(rd_key_name(place->key)));
    }
    struct rd_slice name;
    uint32_t number = 0;
    do {
        name = (struct rd_slice){place->name, (size_t)snprintf(place->name, sizeof place->name, "stray-%u", number++)};
    } while (rd_slot_set_has(&taken, rd_slot_of(name)));
    place->key = rd_key_of(name, rd_databases_space(&store->databases, 0));
    place->hash = rd_store_hash(store, name);
    place->shard = rd_store_shard(store, place->hash);
    rd_shard_lock(place->shard);
    place->found = rd_shard_find(place->shard, place->hash, place->key, 1);
}

/* Parked before the walk has come to it. */
static void leave_stray(struct rd_store *store) {
    struct place place;
    look_for_stray(store, &place);
    struct rd_new_value new = {.value = {"old", 3}};
    REQUIRE(rd_shard_put(place.shard, place.hash, place.key, &place.found, &new) == RD_OK);
    rd_shard_unlock(place.shard);
    struct rd_slot_set lost = {0};
    rd_slot_set_add(&lost, rd_slot_of(rd_key_name(place.key)));
    rd_strays_add(store, &lost);
}

static void stray_is_gone(struct rd_store *store) {
    struct place place;
    look_for_stray(store, &place);
    REQUIRE(!place.found.entry && !rd_strays_are_pending(&store->strays));
    rd_shard_unlock(place.shard);
}

/* What has no key any more, the ends of large blocks and spans included, is not resident either. */
static void park(struct rd_store *store, uint32_t generation, uint32_t generations, uint64_t taken) {
    settle(store);
    uint64_t now_taken = store->pool.region->taken;
    if (generation == 5) taken = now_taken;
    if (generation > 5) REQUIRE(now_taken == taken);
    if (generation == generations) {
        printf("store_kept: %u generations, %llu MiB used, %llu MiB resident\n", generation,
               (unsigned long long)used_by(store) >> 20, (unsigned long long)rd_region_resident(store->pool.region) >> 20);
        rd_store_close(store);
        rd_shape_scratch_free(&scratch);
        return;
    }
    leave_stray(store);
    int fd = rd_store_park(store);
    REQUIRE(fd >= 0);
    if (generation == 0) {
        is_refused(fd);
        is_refused_when_damaged(fd);
    }
    char texts[4][24];
    snprintf(texts[0], sizeof texts[0], "%u", generations);
    snprintf(texts[1], sizeof texts[1], "%u", generation + 1);
    snprintf(texts[2], sizeof texts[2], "%d", fd);
    snprintf(texts[3], sizeof texts[3], "%llu", (unsigned long long)taken);
    int next = dup(fd); /* without close-on-exec */
    snprintf(texts[2], sizeof texts[2], "%d", next);
    execl("/proc/self/exe", "store_kept", texts[0], texts[1], texts[2], texts[3], NULL);
    REQUIRE(!"exec");
}

int main(int argc, char **argv) {
    uint32_t generations = argc > 1 ? (uint32_t)atoi(argv[1]) : 10, generation = argc > 2 ? (uint32_t)atoi(argv[2]) : 0;
    uint64_t taken = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
    struct rd_store_options options = usual();
    struct rd_keep keep = {.fd = generation ? atoi(argv[3]) : -1, .fingerprint = FINGERPRINT};
    struct rd_store *store;
    REQUIRE(rd_store_open(&options, &keep, &store) == RD_OK && !keep.why_cold && keep.adopted == (generation > 0));
    REQUIRE(rd_store_check(store));
    if (generation) stray_is_gone(store);
    for (uint32_t number = 0; generation && number < KEYS; number++) check(store, number, version_of(number, generation - 1));
    for (uint32_t number = 0; number < KEYS; number++) {
        if (!generation || number % 8 == 0) put(store, number, version_of(number, generation));
    }
    for (uint32_t number = 0; number < KEYS; number++) check(store, number, version_of(number, generation));
    park(store, generation, generations, taken);
    return 0;
}
