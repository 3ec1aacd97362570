/*
 * This file owns the test of values with a shape where memory runs out: each blob, and each growth of the scratch, that a
 * change asks for is refused, alone and with all that follow, while nobody else has the value's leaves and while a reply
 * refers to all of them. What could not be changed is as it was, and what hangs together still does. Nodes are small as
 * in shape_model.c (Makefile, which puts the functions of this file before those that give memory).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(holds) REQUIRE_WITH(holds, " (%s, allocation %u)", running, refused)
#include "require.h"
#include "shape/look.h"
#include "shape/shape.h"
#include "store/room.h"

#define NOW 1000000
#define MEMBERS 60
#define STRIDE 97 /* of time */
#define LEAVES_MOST 1000

static const char *running = "";

static unsigned refused; /* the how manieth; 0: none is */
static unsigned asked;
static bool and_all_after, struck;

static bool is_refused(void) {
    if (refused == 0 || ++asked < refused || (asked > refused && !and_all_after)) return false;
    struck = true;
    return true;
}

struct rd_blob *__real_rd_blob_new(struct rd_blobs *blobs, uint64_t capacity, uint64_t most);
struct rd_blob *__wrap_rd_blob_new(struct rd_blobs *blobs, uint64_t capacity, uint64_t most);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

struct rd_blob *__wrap_rd_blob_new(struct rd_blobs *blobs, uint64_t capacity, uint64_t most) {
    return is_refused() ? NULL : __real_rd_blob_new(blobs, capacity, most);
}

void *__wrap_realloc(void *old, size_t bytes) {
    return is_refused() ? NULL : __real_realloc(old, bytes);
}

static struct rd_store store;
static struct rd_shard *shard;
static struct rd_shape_scratch scratch;
static const struct rd_key key = {"key", 3, 0};
static uint64_t hash;
static int64_t now = NOW;

static struct rd_found find(void) {
    return rd_shard_find(shard, hash, key, now);
}

static void remove_all(void) {
    struct rd_found found = find();
    if (found.entry) rd_shard_remove(shard, found);
    rd_flush_finish(&store);
}

static void open(struct rd_shape *shape, enum rd_type_of_value type, uint32_t entries) {
    struct rd_shape_limits limits = {.entries = entries, .value = 30, .bytes = UINT32_MAX, .integers = entries};
    REQUIRE(rd_shape_open(shape, shard, hash, key, find(), type, limits, &scratch));
}

#define NAME_MOST 2000
static size_t name_length; /* at least */

static struct rd_word member(unsigned number, char text[NAME_MOST]) {
    size_t length = (size_t)snprintf(text, NAME_MOST, "member-%u", number);
    for (; length < name_length; length++) text[length] = '.';
    return rd_word_of((struct rd_slice){text, length});
}

/* An item of that number; of a hash with a value of that length and a time, 0 for none. */
static struct rd_slice item_of(char bytes[2 * NAME_MOST], enum rd_type_of_value type, unsigned number, size_t length, int64_t time) {
    char text[NAME_MOST];
    struct rd_word word = member(number, text);
    char *end = rd_word_write(&word, bytes);
    if (type == RD_VALUE_HASH) {
        memset(text, 'v', length);
        word = rd_word_of((struct rd_slice){text, length});
        end = rd_word_write(&word, end);
        word = rd_word_of_integer(time);
        if (time) end = rd_word_write(&word, end);
    }
    return (struct rd_slice){bytes, (size_t)(end - bytes)};
}

static bool add(struct rd_shape *shape, unsigned number, size_t length, int64_t time) {
    enum rd_type_of_value type = shape->kind & RD_SHAPE_TYPE;
    char bytes[2 * NAME_MOST], text[NAME_MOST];
    struct rd_word word = member(number, text);
    if (type == RD_VALUE_ZSET) return rd_zset_add(shape, &word, number / 4);
    if (time && !rd_shape_make_timed(shape)) return false;
    struct rd_slice item = item_of(bytes, type, number, length, time);
    if (type != RD_VALUE_LIST) return rd_shape_add(shape, &word, item);
    struct rd_place_in at;
    rd_shape_end(shape, &at);
    return rd_shape_insert(shape, &at, item);
}

static void make(enum rd_type_of_value type, unsigned count, uint32_t entries) {
    struct rd_shape shape;
    remove_all();
    open(&shape, type, entries);
    for (unsigned i = 0; i < count; i++) REQUIRE(add(&shape, i, 10, 0));
    REQUIRE(rd_shape_close(&shape) == RD_OK);
}

static uint64_t digest(void) {
    struct rd_found found = find();
    return found.entry ? rd_shape_digest(found.entry) : 0;
}

/* As replies that wait for their peers do. */
static struct rd_blob *held[LEAVES_MOST];
static unsigned held_count;

static void hold_leaves(const struct rd_tree *tree) {
    struct rd_place_in at;
    uint64_t first;
    if (!tree->root || !rd_tree_seek(tree, 0, &at)) return;
    do {
        REQUIRE(held_count < LEAVES_MOST);
        held[held_count++] = rd_blob_retain(rd_tree_leaf(&at));
    } while (rd_tree_next_leaf(tree, &at, &first));
}

static void let_go(void) {
    while (held_count) rd_blob_release(held[--held_count]);
}

/* By score as by member. */
static void check_scores(void) {
    struct rd_shape shape;
    struct rd_place_in at;
    double last = -1;
    uint64_t seen = 0;
    open(&shape, RD_VALUE_ZSET, 8);
    for (bool more = rd_shape_seek(&shape, 0, &at); more; more = rd_shape_next(&shape, &at), seen++) {
        char digits[RD_I64_DIGITS];
        struct rd_word word = rd_word_of(rd_part_text(at.item, digits));
        double score = rd_part_double(rd_part_after(at.item)), other;
        REQUIRE(rd_zset_find(&shape, &word, &other) && other == score);
        REQUIRE(score >= last);
        last = score;
    }
    REQUIRE(seen == shape.count);
}

static void check(void) {
    struct rd_found found = find();
    REQUIRE(rd_store_check(&store));
    if (found.entry && rd_entry_type(found.entry) == RD_VALUE_ZSET) check_scores();
}

/* A change of a value that was made, of so many items, packed up to so many. */
struct change {
    const char *name;
    enum rd_type_of_value type;
    unsigned count;
    uint32_t entries, entries_then; /* limits when it is made, and when it is changed */
    bool (*make)(struct rd_shape *shape);
};

static enum rd_status try_change(const struct change *change, unsigned nth, bool all, bool is_held) {
    make(change->type, change->count, change->entries);
    struct rd_shape shape;
    open(&shape, change->type, change->entries_then);
    if (is_held) hold_leaves(&shape.tree);
    rd_shape_scratch_free(&scratch); /* so that it is asked for again */
    refused = nth;
    and_all_after = all;
    asked = 0;
    struck = false;
    bool made = change->make(&shape);
    enum rd_status status = rd_shape_close(&shape);
    REQUIRE(made == (status == RD_OK));
    let_go();
    return status;
}

static void fail_each(const struct change *change, bool all, bool is_held) {
    running = change->name;
    make(change->type, change->count, change->entries);
    uint64_t before = digest();
    REQUIRE(try_change(change, 0, all, is_held) == RD_OK);
    uint64_t changed = digest();
    REQUIRE(changed != before);
    for (unsigned nth = 1; nth == 1 || struck; nth++) {
        enum rd_status status = try_change(change, nth, all, is_held);
        unsigned was = refused;
        refused = 0;
        uint64_t after = digest();
        check();
        refused = was; /* for what REQUIRE says */
        REQUIRE(struck || status == RD_OK);
        REQUIRE(after == (status == RD_OK ? changed : before));
        refused = 0;
    }
}

static bool add_one(struct rd_shape *shape) {
    return add(shape, 1000, 10, 0);
}

static bool add_long(struct rd_shape *shape) {
    return add(shape, 1000, 150, 0);
}

static bool add_timed(struct rd_shape *shape) {
    return add(shape, 1000, 10, NOW + 1000);
}

static bool erase_one(struct rd_shape *shape) {
    struct rd_place_in at;
    REQUIRE(rd_shape_seek(shape, shape->count / 2, &at));
    rd_shape_erase(shape, &at);
    return !shape->out_of_memory;
}

/* The second one needs no memory once both are the shape's own. */
static bool erase_two_owned(struct rd_shape *shape) {
    struct rd_place_in at;
    for (unsigned i = 0; i < 2; i++) {
        REQUIRE(rd_shape_seek(shape, i ? shape->count - 1 : 0, &at));
        if (!rd_shape_own(shape, &at)) return false;
    }
    for (unsigned i = 0; i < 2; i++) {
        REQUIRE(rd_shape_seek(shape, i ? shape->count - 1 : 0, &at));
        rd_shape_erase(shape, &at);
        REQUIRE(!shape->out_of_memory);
    }
    return true;
}

static bool replace_with(struct rd_shape *shape, size_t length) {
    enum rd_type_of_value type = shape->kind & RD_SHAPE_TYPE;
    char bytes[2 * NAME_MOST], text[NAME_MOST];
    struct rd_word word = member((unsigned)shape->count / 2, text);
    struct rd_place_in at;
    REQUIRE(rd_shape_find(shape, &word, &at));
    return rd_shape_replace(shape, &at, item_of(bytes, type, type == RD_VALUE_LIST ? 123456789 : (unsigned)shape->count / 2, length, 0));
}

static bool replace_longer(struct rd_shape *shape) {
    return replace_with(shape, 100);
}

static bool replace_shorter(struct rd_shape *shape) {
    return replace_with(shape, 1);
}

/* The one in the middle, by its rank. */
static struct rd_word middle(struct rd_shape *shape, char text[NAME_MOST], double *score) {
    struct rd_place_in at;
    char digits[RD_I64_DIGITS];
    REQUIRE(rd_shape_seek(shape, shape->count / 2, &at));
    struct rd_slice own = rd_part_text(at.item, digits);
    *score = rd_part_double(rd_part_after(at.item));
    return rd_word_of((struct rd_slice){memcpy(text, own.bytes, own.length), own.length});
}

static bool remove_member(struct rd_shape *shape) {
    char text[NAME_MOST];
    double score;
    struct rd_word word = middle(shape, text, &score);
    return rd_zset_remove(shape, &word, score);
}

static bool rescore(struct rd_shape *shape, double by) {
    char text[NAME_MOST];
    double score;
    struct rd_word word = middle(shape, text, &score);
    return rd_zset_rescore(shape, &word, score, score + by);
}

static bool rescore_upwards(struct rd_shape *shape) {
    return rescore(shape, 5.125);
}

static bool rescore_downwards(struct rd_shape *shape) {
    return rescore(shape, -0.5);
}

#define PACKED 1000, 1000
#define BECOMES_INDEXED 1000, 2
#define INDEXED 2, 2

static const struct change changes[] = {
    {"packed list grows", RD_VALUE_LIST, 5, PACKED, add_one},
    {"packed list shrinks", RD_VALUE_LIST, 5, PACKED, erase_one},
    {"list becomes indexed", RD_VALUE_LIST, 5, BECOMES_INDEXED, add_one},
    {"list becomes indexed by a replacement", RD_VALUE_LIST, 5, BECOMES_INDEXED, replace_longer},
    {"indexed list grows", RD_VALUE_LIST, 64, INDEXED, add_one},
    {"indexed list shrinks", RD_VALUE_LIST, MEMBERS, INDEXED, erase_one},
    {"indexed list's element is replaced", RD_VALUE_LIST, MEMBERS, INDEXED, replace_longer},
    {"set becomes indexed", RD_VALUE_SET, 5, BECOMES_INDEXED, add_one},
    {"indexed set loses two that are its own", RD_VALUE_SET, MEMBERS, INDEXED, erase_two_owned},
    {"indexed set grows", RD_VALUE_SET, MEMBERS, INDEXED, add_one},
    {"indexed set shrinks", RD_VALUE_SET, MEMBERS, INDEXED, erase_one},
    {"packed hash gets times", RD_VALUE_HASH, 5, PACKED, add_timed},
    {"hash becomes indexed", RD_VALUE_HASH, 5, BECOMES_INDEXED, add_long},
    {"timed hash becomes indexed", RD_VALUE_HASH, 5, BECOMES_INDEXED, add_timed},
    {"indexed hash grows", RD_VALUE_HASH, MEMBERS, INDEXED, add_long},
    {"indexed hash gets times", RD_VALUE_HASH, MEMBERS, INDEXED, add_timed},
    {"indexed hash shrinks", RD_VALUE_HASH, MEMBERS, INDEXED, erase_one},
    {"indexed hash's value grows", RD_VALUE_HASH, MEMBERS, INDEXED, replace_longer},
    {"indexed hash's value shrinks", RD_VALUE_HASH, MEMBERS, INDEXED, replace_shorter},
    {"packed sorted set grows", RD_VALUE_ZSET, 5, PACKED, add_one},
    {"sorted set becomes indexed", RD_VALUE_ZSET, 5, BECOMES_INDEXED, add_one},
    {"indexed sorted set grows", RD_VALUE_ZSET, MEMBERS, INDEXED, add_one},
    {"indexed sorted set shrinks", RD_VALUE_ZSET, MEMBERS, INDEXED, remove_member},
    {"packed member gets another score", RD_VALUE_ZSET, 5, PACKED, rescore_upwards},
    {"only packed member gets another score", RD_VALUE_ZSET, 1, 1000, 0, rescore_upwards},
    {"member gets another score where its set becomes indexed", RD_VALUE_ZSET, 5, BECOMES_INDEXED, rescore_downwards},
    {"indexed member gets a higher score", RD_VALUE_ZSET, MEMBERS, INDEXED, rescore_upwards},
    {"indexed member gets a lower score", RD_VALUE_ZSET, MEMBERS, INDEXED, rescore_downwards},
    {"only indexed member gets another score", RD_VALUE_ZSET, 1, 0, 0, rescore_upwards},
};

static void fail_each_of_all(void) {
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        for (unsigned how = 0; how < 4; how++) fail_each(&changes[i], how & 1, how & 2);
        name_length = 300; /* an item has memory of its own while it is put together */
        if (changes[i].type == RD_VALUE_ZSET) fail_each(&changes[i], false, true);
        name_length = 0;
    }
}

/* Its elements are longer than what may always go beyond the limit. */
static void shorten_each(struct rd_shape *list) {
    struct rd_place_in at;
    char bytes[2 * NAME_MOST];
    name_length = 1400;
    for (unsigned i = 0; i < MEMBERS; i++) {
        REQUIRE(rd_shape_seek(list, i, &at));
        REQUIRE(rd_shape_replace(list, &at, item_of(bytes, RD_VALUE_LIST, i, 0, 0)));
    }
}

/*
 * A copy of a leaf that a reply refers to was once refused where a limit had been lowered: LREM went on for ever, and fields
 * stayed whose time was over.
 */
static void what_shrinks_is_never_refused(void) {
    running = "what shrinks where the limit was lowered";
    for (enum rd_type_of_value type = RD_VALUE_HASH; type <= RD_VALUE_ZSET; type++) {
        name_length = 1500;
        make(type, MEMBERS, 2);
        struct rd_blob *other = rd_blob_new(&store.blobs, 64u << 20, 0);
        REQUIRE(other != NULL);
        rd_store_set_limit(&store, 1 << 20);
        struct rd_shape shape;
        open(&shape, type, 2);
        hold_leaves(&shape.tree);
        if (type == RD_VALUE_LIST) shorten_each(&shape);
        hold_leaves(&shape.tree);
        while (shape.count > 0) REQUIRE(type == RD_VALUE_ZSET ? remove_member(&shape) : erase_one(&shape));
        let_go();
        REQUIRE(rd_shape_close(&shape) == RD_OK);
        rd_store_set_limit(&store, 0);
        rd_blob_release(other);
        check();
    }
    name_length = 0;
}

/* Each is of one time more than the one before, but for every third, which has none. */
static void make_timed(unsigned count) {
    struct rd_shape shape;
    make(RD_VALUE_HASH, 0, 2);
    open(&shape, RD_VALUE_HASH, 2);
    for (unsigned i = 0; i < count; i++) REQUIRE(add(&shape, i, 1, i % 3 ? NOW + 1 + i : 0));
    REQUIRE(rd_shape_close(&shape) == RD_OK);
}

static uint64_t left_of(unsigned count, unsigned passed) {
    uint64_t left = 0;
    for (unsigned i = 0; i < count; i++) left += i % 3 == 0 || i + 1 > passed;
    return left;
}

/* While a reply refers to the leaves and memory is out, no field can go; later each is to. */
static void find_in_vain(void) {
    struct rd_shape shape;
    open(&shape, RD_VALUE_HASH, 2);
    hold_leaves(&shape.tree);
    refused = 1;
    and_all_after = true;
    now += STRIDE;
    for (int goes = 0; goes < 20; goes++) (void)find();
    now -= STRIDE;
    refused = asked = 0;
    let_go();
}

/* Some hundred leaves lose fields in strides of time, and are joined with their neighbours in the midst of a round. */
static void times_in_joined_leaves_are_seen(bool is_short) {
    running = is_short ? "times in leaves that could not be changed" : "times in joined leaves";
    enum { COUNT = 7 * STRIDE };
    make_timed(COUNT);
    for (unsigned passed = STRIDE; passed <= COUNT; passed += STRIDE) {
        if (is_short) find_in_vain();
        now = NOW + passed;
        for (int goes = 0; goes < 20; goes++) (void)find();
        struct rd_found found = find();
        REQUIRE(found.entry && rd_entry_items(found.entry) == left_of(COUNT, passed));
        unsigned next = passed;
        while (next < COUNT && next % 3 == 0) next++;
        REQUIRE(rd_entry_next_field_expiry(found.entry) == (next < COUNT ? NOW + 1 + next : INT64_MAX));
        check();
    }
    now = NOW;
}

/* What is added to an indexed sorted set lies in two leaves. */
static void sorted_set_is_admitted_with_both_indices(void) {
    const uint64_t bytes = 8u << 20;
    for (unsigned copies = 1; copies <= 2; copies++) {
        running = copies == 1 ? "admission of hashes" : "admission of sorted sets";
        make(copies == 1 ? RD_VALUE_HASH : RD_VALUE_ZSET, MEMBERS, 2);
        struct rd_shape shape;
        open(&shape, copies == 1 ? RD_VALUE_HASH : RD_VALUE_ZSET, 2);
        rd_store_set_limit(&store, rd_store_used(&store) + bytes * copies - (1u << 20));
        REQUIRE(rd_shape_admit(&shape, bytes) == RD_ERR_NO_MEMORY);
        rd_store_set_limit(&store, rd_store_used(&store) + bytes * copies + (2u << 20));
        REQUIRE(rd_shape_admit(&shape, bytes) == RD_OK);
        rd_store_set_limit(&store, 0);
    }
}

int main(void) {
    struct rd_hash_seed seed = {1, 2};
    struct rd_store_options options = {.shards = 1, .seed = &seed, .shapes = &rd_shapes};
    if (rd_store_init(&store, &options) != RD_OK) return 1;
    hash = rd_store_hash(&store, rd_key_name(key));
    shard = rd_store_shard(&store, hash);
    fail_each_of_all();
    what_shrinks_is_never_refused();
    times_in_joined_leaves_are_seen(false);
    times_in_joined_leaves_are_seen(true);
    sorted_set_is_admitted_with_both_indices();
    remove_all();
    if (rd_blobs_bytes(&store.blobs) != 0) return 1;
    rd_store_destroy(&store);
    rd_shape_scratch_free(&scratch);
    return 0;
}
