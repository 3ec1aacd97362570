/*
 * This file owns the test of strays: stores of random keys, of which those of random slots have to go, all of them and no
 * others, while keys of other slots come and go. A walk that ends must have left none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "require.h"
#include "store/relief.h"
#include "store/store.h"

#define ROUNDS 400
#define KEYS_MOST 2000

static uint64_t state = 1;

static uint64_t below(uint64_t bound) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1du % bound;
}

static struct rd_slice name_of(uint64_t number, char *text) {
    return (struct rd_slice){text, (size_t)sprintf(text, "key:%llu", (unsigned long long)number)};
}

static struct rd_found find(struct rd_store *store, struct rd_slice name, struct rd_shard **shard, uint64_t *hash) {
    *hash = rd_store_hash(store, name);
    *shard = rd_store_shard(store, *hash);
    return rd_shard_find(*shard, *hash, rd_key_of(name, 0), 0);
}

static bool has(struct rd_store *store, struct rd_slice name) {
    struct rd_shard *shard;
    uint64_t hash;
    return find(store, name, &shard, &hash).entry != NULL;
}

static void put(struct rd_store *store, struct rd_slice name) {
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_found found = find(store, name, &shard, &hash);
    struct rd_new_value value = {.value = {"value", 5}};
    REQUIRE(rd_shard_put(shard, hash, rd_key_of(name, 0), &found, &value) == RD_OK);
}

static void drop(struct rd_store *store, struct rd_slice name) {
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_found found = find(store, name, &shard, &hash);
    if (found.entry) rd_shard_remove(shard, found);
}

/* Slots that go: all, all but some, or some. */
static void choose(struct rd_slot_set *lost) {
    uint64_t share = below(3) == 0 ? 100 : below(101);
    for (uint32_t slot = 0; slot < RD_SLOTS; slot++) {
        if (below(100) < share) rd_slot_set_add(lost, slot);
    }
}

/* What others do between two steps, with keys that stay. */
static void disturb(struct rd_store *store, const struct rd_slot_set *lost, uint64_t keys, bool *there) {
    char text[32];
    for (uint64_t left = below(40); left > 0; left--) {
        uint64_t number = below(keys * 2);
        struct rd_slice name = name_of(number, text);
        if (rd_slot_set_has(lost, rd_slot_of(name))) continue;
        there[number] = below(2);
        if (there[number]) put(store, name);
        else drop(store, name);
    }
}

static void play(uint32_t shards) {
    static struct rd_store store; /* its shards are aligned */
    static bool there[2 * KEYS_MOST];
    memset(&store, 0, sizeof store);
    struct rd_store_options options = {.shards = shards};
    REQUIRE(rd_store_init(&store, &options) == RD_OK);
    uint64_t keys = 1 + below(KEYS_MOST);
    char text[32];
    for (uint64_t i = 0; i < 2 * keys; i++) {
        there[i] = i < keys;
        if (there[i]) put(&store, name_of(i, text));
    }
    struct rd_slot_set lost = {0}, among;
    choose(&lost);
    rd_strays_add(&store, &lost);
    REQUIRE(!rd_strays_step(&store)); /* before all threads know */
    REQUIRE(rd_strays_among(&store, &lost, &among) == rd_strays_are_pending(&store.strays));
    rd_strays_go(&store);
    uint64_t begun = below(200);
    for (uint64_t i = 0; rd_strays_step(&store); i++) {
        disturb(&store, &lost, keys, there);
        if (i != begun) continue;
        struct rd_slot_set more = {0}; /* another map in the middle of it */
        choose(&more);
        for (uint32_t w = 0; w < RD_SLOTS / 64; w++) lost.words[w] |= more.words[w];
        rd_strays_add(&store, &more);
        REQUIRE(!rd_strays_step(&store));
        rd_strays_go(&store);
    }
    REQUIRE(!rd_strays_are_pending(&store.strays) && !rd_strays_among(&store, &lost, &among));
    for (uint64_t i = 0; i < 2 * keys; i++) {
        struct rd_slice name = name_of(i, text);
        REQUIRE(has(&store, name) == (there[i] && !rd_slot_set_has(&lost, rd_slot_of(name))));
    }
    for (uint32_t i = 0; i < shards; i++) REQUIRE(rd_shard_check(&store.shards[i]));
    rd_store_destroy(&store);
}

/* Vectors of the cluster's specification, and of hash tags. */
static void test_slots(void) {
    static const struct {
        const char *key;
        uint32_t slot;
    } vectors[] = {
        {"", 0}, {"123456789", 0x31c3}, {"foo", 12182}, {"foo{hash_tag}", 2515}, {"hash_tag", 2515}, {"somekey", 11058},
        {"{user1000}.following", 3443}, {"{user1000}.followers", 3443}, {"user1000", 3443}, {"foo{}{bar}", 8363},
        {"foo{{bar}}zap", 4015}, {"{bar", 4015}, {"foo{bar}{zap}", 5061}, {"bar", 5061}, {"foo{bar", 15278}, {"}{", 12793},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct rd_slice key = {vectors[i].key, strlen(vectors[i].key)};
        uint32_t slot = rd_slot_of(key);
        if (slot != vectors[i].slot) fprintf(stderr, "strays_model: \"%s\" is in slot %u\n", vectors[i].key, slot);
        REQUIRE(slot == vectors[i].slot);
    }
}

int main(void) {
    test_slots();
    for (uint32_t round = 0; round < ROUNDS; round++) play(1u << below(6));
    return 0;
}
