/*
 * This file owns the test of the walk that a snapshot takes through a shard: between its slices keys come and go by the
 * thousand, so that the table grows and shrinks, and entries move. Whatever happens, no key is taken twice, each that is
 * there all the time is taken, and what is taken of it is what it was at one moment; of a large value all of one moment,
 * though it is changed before it is read.
 *
 *     snapshot_model [first seed [last seed]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(holds) REQUIRE_WITH(holds, " (seed %llu)", seed)
#include "require.h"
#include "shape/shape.h"
#include "snapshot/capture.h"
#include "store/compact.h"

#define KEYS 12000
#define LASTING 2000 /* of these, that are there all the time; the others come and go */
#define MEMBERS 600
#define KEY_MOST 400
#define VALUE_MOST 3000
#define NOW 1000

struct item {
    uint32_t version;  /* of its value, which says so; 0: it is not there */
    uint32_t taken;    /* how often the walk has brought it */
    bool was_there;    /* at some moment of the walk */
};

static struct rd_store store;
static struct rd_shard *shard;
static struct item items[KEYS];
static unsigned long long seed;
static uint64_t random_state;
static uint32_t most_buckets, least_buckets;
static int64_t first_member; /* of the set, which has MEMBERS of them, each the number after another */

static uint32_t below(uint32_t bound) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state * 0x2545f4914f6cdd1du >> 33) % bound;
}

/* Some are blobs. */
static struct rd_slice name_of(uint32_t number, char *text) {
    int length = snprintf(text, KEY_MOST, "%05u", number);
    if (number % 50 == 0) length += snprintf(text + length, KEY_MOST - (size_t)length, "%0*d", 300, 0);
    return (struct rd_slice){text, (size_t)length};
}

/* The version, and as many bytes of it as it says: in the entry, or a blob. */
static struct rd_slice value_of(uint32_t number, uint32_t version, char *text) {
    int length = snprintf(text, VALUE_MOST, "%u:%u:", number, version);
    size_t more = number % 20 == 0 ? 2000 : version % 100;
    memset(text + length, (int)('a' + version % 26), more);
    return (struct rd_slice){text, (size_t)length + more};
}

static struct rd_found find(uint32_t number, uint64_t *hash, struct rd_key *key, char *name) {
    *key = rd_key_of(name_of(number, name), 0);
    *hash = rd_store_hash(&store, rd_key_name(*key));
    return rd_shard_find(shard, *hash, *key, NOW);
}

static void put(uint32_t number) {
    char name[KEY_MOST], text[VALUE_MOST];
    uint64_t hash;
    struct rd_key key;
    struct rd_found found = find(number, &hash, &key, name);
    REQUIRE((found.entry != NULL) == (items[number].version != 0));
    uint32_t version = items[number].version + 1;
    struct rd_new_value new = {.value = value_of(number, version, text)};
    REQUIRE(rd_shard_put(shard, hash, key, &found, &new) == RD_OK);
    items[number].version = version;
    items[number].was_there = true;
}

static void take_away(uint32_t number) {
    char name[KEY_MOST];
    uint64_t hash;
    struct rd_key key;
    struct rd_found found = find(number, &hash, &key, name);
    if (found.entry) rd_shard_remove(shard, found);
    items[number].version = 0;
}

/* The members of the set begin with that number from now on, which is no lower than before. */
static void fill_set(int64_t first) {
    static struct rd_shape_scratch scratch;
    struct rd_shape_limits limits = {.entries = 16, .value = 64, .bytes = 1 << 16, .integers = 16};
    struct rd_key key = {"set", 3, 0};
    uint64_t hash = rd_store_hash(&store, rd_key_name(key));
    struct rd_shape shape;
    struct rd_found found = rd_shard_find(shard, hash, key, NOW);
    REQUIRE(rd_shape_open(&shape, shard, hash, key, found, RD_VALUE_SET, limits, &scratch));
    for (int64_t i = first; i < first + MEMBERS; i++) {
        struct rd_place_in at;
        struct rd_word word = rd_word_of_integer(i);
        char bytes[RD_PART_NUMBER_MOST];
        size_t length = (size_t)(rd_word_write(&word, bytes) - bytes);
        if (!rd_shape_find(&shape, &word, &at)) REQUIRE(rd_shape_add(&shape, &word, (struct rd_slice){bytes, length}));
        struct rd_word old = rd_word_of_integer(i - MEMBERS);
        if (rd_shape_find(&shape, &old, &at)) rd_shape_erase(&shape, &at);
    }
    REQUIRE(rd_shape_close(&shape) == RD_OK);
    rd_shape_scratch_free(&scratch);
    first_member = first;
}

/* Every number from the first on once: as it was when it was taken. */
static void check_set(const struct rd_capture *capture, const struct rd_captured *entry, int64_t first) {
    int64_t value, least = INT64_MAX, most = INT64_MIN;
    uint64_t count = 0;
    REQUIRE(entry->kind & RD_SHAPE_INDEXED && entry->leaves > 1 && entry->count == MEMBERS);
    for (uint32_t i = 0; i < entry->leaves; i++) {
        const struct rd_blob *leaf = capture->leaves[entry->first_leaf + i];
        for (const char *at = leaf->bytes; at < leaf->bytes + leaf->length; at += rd_part_room(at)) {
            REQUIRE(rd_part_integer(at, &value));
            if (value < least) least = value;
            if (value > most) most = value;
            count++;
        }
    }
    REQUIRE(count == MEMBERS && least == first && most == first + MEMBERS - 1);
}

static void check_string(const struct rd_captured *entry) {
    char text[VALUE_MOST], digits[VALUE_MOST + 1];
    unsigned number, version;
    REQUIRE(entry->value.length <= VALUE_MOST);
    memcpy(digits, entry->value.bytes, entry->value.length);
    digits[entry->value.length] = 0;
    REQUIRE(sscanf(digits, "%u:%u:", &number, &version) == 2 && number < KEYS);
    struct rd_slice whole = value_of(number, version, text);
    REQUIRE(whole.length == entry->value.length && memcmp(whole.bytes, entry->value.bytes, whole.length) == 0);
    char name[KEY_MOST];
    struct rd_slice key = name_of(number, name);
    REQUIRE(key.length == entry->key.length && memcmp(key.bytes, entry->key.bytes, key.length) == 0);
    REQUIRE(items[number].taken++ == 0 && items[number].was_there);
}

/* Many come, or many go: thousands, so that the table is another one; and what is there changes and moves. */
static void disturb(void) {
    uint32_t number = LASTING + below(KEYS - LASTING), count = below(3000);
    bool come = below(2);
    for (uint32_t i = 0; i < count; i++) {
        if (come) put(number);
        else take_away(number);
        if (++number == KEYS) number = LASTING;
    }
    for (uint32_t i = 0; i < 50; i++) put(below(LASTING));
    rd_store_swap_databases(&store, 0, 1); /* the walk is through a keyspace, whichever database leads to it */
    for (int i = 0; i < 20 && rd_shard_compact(shard, NULL); i++) {
    }
    uint32_t buckets = atomic_load(&shard->table.buckets);
    if (buckets > most_buckets) most_buckets = buckets;
    if (buckets < least_buckets) least_buckets = buckets;
}

static void walk(void) {
    struct rd_capture capture = {0};
    struct rd_walk at = {.shard = shard};
    uint32_t sets = 0;
    for (uint32_t i = 0; i < KEYS; i++) items[i] = (struct item){.version = items[i].version, .was_there = items[i].version != 0};
    while (!at.is_over) {
        REQUIRE(rd_capture_slice(&capture, &at, NOW) == RD_OK);
        int64_t first = first_member;
        if (below(4) == 0) disturb(); /* before what was taken is read */
        fill_set(first_member + 1);
        for (uint32_t i = 0; i < capture.count; i++) {
            const struct rd_captured *entry = &capture.entries[i];
            sets += entry->kind != 0;
            if (entry->kind) check_set(&capture, entry, first);
            else check_string(entry);
        }
    }
    REQUIRE(sets == 1);
    for (uint32_t i = 0; i < LASTING; i++) REQUIRE(items[i].taken == 1);
    rd_capture_free(&capture);
}

/* Nothing more is taken of what was flushed in the middle, nor of what comes to be in its place. */
static void walk_through_flush(void) {
    struct rd_capture capture = {0};
    struct rd_walk at = {.shard = shard};
    uint32_t database = rd_databases_space(&store.databases, 0) == 0 ? 0 : 1, buried = 0;
    REQUIRE(rd_capture_slice(&capture, &at, NOW) == RD_OK && capture.count > 0 && !at.is_over);
    rd_store_flush_database(&store, database, rd_store_next_space(&store, database));
    while (rd_store_bury_some(&store, &buried)) {
    }
    struct rd_key key = {"anew", 4, 0};
    uint64_t hash = rd_store_hash(&store, rd_key_name(key));
    struct rd_found found = {0};
    struct rd_new_value new = {.value = {"v", 1}};
    REQUIRE(rd_shard_put(shard, hash, key, &found, &new) == RD_OK); /* as of a database that has come to lead there */
    REQUIRE(rd_capture_slice(&capture, &at, NOW) == RD_OK && capture.count == 0 && at.is_over);
    rd_capture_free(&capture);
}

static void run(void) {
    struct rd_hash_seed hash_seed = {seed, ~seed};
    struct rd_store_options options = {.shards = 1, .reserve = 1u << 30, .seed = &hash_seed, .databases = 2, .shapes = &rd_shapes};
    REQUIRE(rd_store_init(&store, &options) == RD_OK);
    shard = &store.shards[0];
    random_state = seed * 0x9e3779b97f4a7c15u | 1;
    memset(items, 0, sizeof items);
    most_buckets = 0;
    least_buckets = UINT32_MAX;
    for (uint32_t i = 0; i < LASTING; i++) put(i);
    fill_set(0);
    for (int i = 0; i < 4; i++) walk();
    walk_through_flush();
    REQUIRE(most_buckets > 2 * least_buckets); /* or nothing was tried */
    REQUIRE(rd_store_check(&store));
    rd_store_clear(&store);
    rd_flush_finish(&store);
    REQUIRE(rd_blobs_bytes(&store.blobs) == 0); /* nothing is held any more */
    rd_store_destroy(&store);
}

int main(int argc, char **argv) {
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, last = argc > 2 ? strtoull(argv[2], NULL, 10) : first + 5;
    for (seed = first; seed <= last; seed++) run();
    printf("snapshot_model: walks bring each key once, seeds %llu to %llu\n", (unsigned long long)first, (unsigned long long)last);
    return 0;
}
