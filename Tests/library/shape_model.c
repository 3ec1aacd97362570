/*
 * This file owns the test of values with a shape: each type beside a plain array of what it should hold, in both forms,
 * since the limits are small as are the nodes (Makefile), and through making room, expiry of fields, moving of nodes, removal,
 * and memory that is not to be had (rd_blob_new is wrapped).
 *
 *     shape_model [first seed [last seed]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(holds) REQUIRE_WITH(holds, " (seed %llu, step %d)", seed, step)
#include "require.h"
#include "shape/shape.h"
#include "store/compact.h"
#include "store/relief.h"

#define STEPS 3000
#define MOST 1500
#define TEXT_MOST 40
#define NOW 1000000

struct item {
    char text[TEXT_MOST], value[TEXT_MOST];
    size_t length, value_length;
    double score;
    int64_t expiry;
};

static struct item items[MOST];
static uint32_t count;
static unsigned long long seed;
static int step;
static struct rd_store store;
static struct rd_shape_scratch scratch;
static const struct rd_key key = {"key", 3, 0};
static uint64_t hash;
static struct rd_shard *shard;
static int64_t now;
/* So many blobs are to be had before one is not, and one in so many then is not; 0: all are. */
static uint32_t blobs_left, blobs_fail;

struct rd_blob *__real_rd_blob_new(struct rd_blobs *blobs, uint64_t capacity, uint64_t most);
struct rd_blob *__wrap_rd_blob_new(struct rd_blobs *blobs, uint64_t capacity, uint64_t most);
static uint64_t expired; /* fields */

static uint32_t random_below(uint32_t most) {
    static uint64_t x;
    static unsigned long long of;
    if (of != seed) {
        of = seed;
        x = seed * 0x9e3779b97f4a7c15u | 1;
    }
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (uint32_t)(x >> 33) % most;
}

struct rd_blob *__wrap_rd_blob_new(struct rd_blobs *blobs, uint64_t capacity, uint64_t most) {
    if (blobs_left > 0) blobs_left--;
    else if (blobs_fail > 0 && random_below(blobs_fail) == 0) return NULL;
    return __real_rd_blob_new(blobs, capacity, most);
}

static void let_blobs_fail(void) {
    blobs_left = random_below(2) ? random_below(20) : 0;
    blobs_fail = random_below(2) ? 1 : 2;
}

static size_t random_text(char *text) {
    switch (random_below(4)) {
    case 0: return (size_t)snprintf(text, TEXT_MOST, "%d", (int)random_below(3000) - 1000);
    case 1: return (size_t)snprintf(text, TEXT_MOST, "%lld", (long long)random_below(2000) * 1234567891);
    case 2: return (size_t)snprintf(text, TEXT_MOST, "member-%u", random_below(2000));
    default: {
        size_t length = random_below(TEXT_MOST);
        for (size_t i = 0; i < length; i++) text[i] = (char)('a' + random_below(3));
        return length;
    }
    }
}

static struct rd_slice slice_of(const struct item *item) {
    return (struct rd_slice){item->text, item->length};
}

static int find(struct rd_slice text) {
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].length == text.length && memcmp(items[i].text, text.bytes, text.length) == 0) return (int)i;
    }
    return -1;
}

static void insert(uint32_t at, const struct item *item) {
    memmove(items + at + 1, items + at, (count - at) * sizeof *items);
    items[at] = *item;
    count++;
}

/* Items that a scan is to come by: those that are there from its first call to its last. */
static struct item stable[MOST];
static uint32_t stable_count;
static bool stable_seen[MOST];

static int find_stable(struct rd_slice text) {
    for (uint32_t i = 0; i < stable_count; i++) {
        if (stable[i].length == text.length && memcmp(stable[i].text, text.bytes, text.length) == 0) return (int)i;
    }
    return -1;
}

/* Who goes need not be seen, even if it comes back. */
static void take(uint32_t at) {
    int own = find_stable(slice_of(&items[at]));
    if (own >= 0) {
        stable_count--;
        stable[own] = stable[stable_count];
        stable_seen[own] = stable_seen[stable_count];
    }
    memmove(items + at, items + at + 1, (count - at - 1) * sizeof *items);
    count--;
}

static void open(struct rd_shape *shape, enum rd_type_of_value type) {
    struct rd_found found = rd_shard_find(shard, hash, key, now);
    REQUIRE((found.entry != NULL) == (count > 0));
    struct rd_shape_limits limits = {.entries = seed % 2 ? 8 : 60, .value = 30, .bytes = type == RD_VALUE_LIST ? 200 : UINT32_MAX, .integers = 20};
    REQUIRE(rd_shape_open(shape, shard, hash, key, found, type, limits, &scratch));
    REQUIRE(shape->count == count);
}

static void close(struct rd_shape *shape) {
    REQUIRE(rd_shape_close(shape) == RD_OK);
    REQUIRE(shape->count == count);
}

static bool text_is(const char *part, const char *text, size_t length) {
    char digits[RD_I64_DIGITS];
    struct rd_slice own = rd_part_text(part, digits);
    return own.length == length && memcmp(own.bytes, text, length) == 0;
}

static size_t write_item(const struct item *item, enum rd_type_of_value type, bool timed, char *to) {
    struct rd_word word = rd_word_of(slice_of(item));
    char *end = rd_word_write(&word, to);
    if (type == RD_VALUE_HASH) {
        struct rd_word value = rd_word_of((struct rd_slice){item->value, item->value_length});
        end = rd_word_write(&value, end);
        if (timed) {
            struct rd_word time = item->expiry ? rd_word_of_integer(item->expiry) : rd_word_nothing();
            end = rd_word_write(&time, end);
        }
    }
    return (size_t)(end - to);
}

static void check_order(struct rd_shape *shape, enum rd_type_of_value type) {
    struct rd_place_in at;
    uint32_t seen = 0;
    for (bool more = rd_shape_seek(shape, 0, &at); more; more = rd_shape_next(shape, &at), seen++) {
        REQUIRE(at.index == seen);
        if (type == RD_VALUE_LIST || type == RD_VALUE_ZSET) REQUIRE(text_is(at.item, items[seen].text, items[seen].length));
        if (type == RD_VALUE_ZSET) REQUIRE(rd_part_double(rd_part_after(at.item)) == items[seen].score);
        if (type != RD_VALUE_SET && type != RD_VALUE_HASH) continue;
        char digits[RD_I64_DIGITS];
        int own = find(rd_part_text(at.item, digits));
        REQUIRE(own >= 0);
        if (type == RD_VALUE_HASH) REQUIRE(text_is(rd_part_after(at.item), items[own].value, items[own].value_length));
        if (type == RD_VALUE_HASH) REQUIRE(rd_field_expiry(shape, at.item) == items[own].expiry);
    }
    REQUIRE(seen == count);
    for (bool more = rd_shape_previous(shape, &at); more; more = rd_shape_previous(shape, &at)) {
        seen--;
        REQUIRE(at.index == seen);
        if (type == RD_VALUE_LIST || type == RD_VALUE_ZSET) REQUIRE(text_is(at.item, items[seen].text, items[seen].length));
    }
    REQUIRE(seen == 0);
    for (int i = 0; i < 10 && count; i++) {
        uint32_t index = random_below(count);
        REQUIRE(rd_shape_seek(shape, index, &at) && at.index == index);
        if (type == RD_VALUE_LIST || type == RD_VALUE_ZSET) REQUIRE(text_is(at.item, items[index].text, items[index].length));
        struct rd_word word = rd_word_of(slice_of(&items[index]));
        REQUIRE(rd_shape_find(shape, &word, &at));
    }
}

static void visit(void *context, const char *item) {
    char digits[RD_I64_DIGITS];
    int own = find(rd_part_text(item, digits));
    REQUIRE(own >= 0);
    ((bool *)context)[own] = true;
}

static void check_scan(struct rd_shape *shape) {
    static bool seen[MOST];
    memset(seen, 0, sizeof seen);
    uint64_t cursor = 0;
    int calls = 0;
    do {
        cursor = rd_shape_scan(shape, cursor, visit, seen);
        REQUIRE(calls++ < MOST);
    } while (cursor);
    for (uint32_t i = 0; i < count; i++) REQUIRE(seen[i]);
}

static void change_list(struct rd_shape *shape, bool grows) {
    struct rd_place_in at;
    char bytes[3 * TEXT_MOST];
    uint32_t index = random_below(3) == 0 ? 0 : random_below(2) ? count : random_below(count + 1);
    if (!grows && index == count && count) index--;
    bool is_there = rd_shape_seek(shape, index, &at);
    REQUIRE(is_there == (index < count));
    struct item item = {0};
    item.length = random_text(item.text);
    size_t length = write_item(&item, RD_VALUE_LIST, false, bytes);
    if (grows || !is_there) {
        REQUIRE(rd_shape_insert(shape, &at, (struct rd_slice){bytes, length}));
        insert(index, &item);
        REQUIRE(text_is(at.item, item.text, item.length));
    } else if (random_below(3) == 0) {
        REQUIRE(rd_shape_replace(shape, &at, (struct rd_slice){bytes, length}));
        items[index] = item;
        REQUIRE(text_is(at.item, item.text, item.length));
    } else {
        rd_shape_erase(shape, &at);
        take(index);
        REQUIRE((at.item != NULL) == (index < count));
        if (at.item) REQUIRE(text_is(at.item, items[index].text, items[index].length));
    }
}

static void change_members(struct rd_shape *shape, enum rd_type_of_value type, bool grows) {
    char bytes[4 * TEXT_MOST];
    struct item item = {0};
    item.length = random_text(item.text);
    item.value_length = random_text(item.value);
    if (type == RD_VALUE_HASH && random_below(8) == 0) {
        item.expiry = now + 1 + random_below(300);
        REQUIRE(rd_shape_make_timed(shape));
    }
    int own = find(slice_of(&item));
    if (own < 0 && !grows && count) {
        own = (int)random_below(count);
        memcpy(item.text, items[own].text, item.length = items[own].length);
    }
    struct rd_word word = rd_word_of(slice_of(&item));
    size_t length = write_item(&item, type, shape->parts == 3 && (item.expiry || random_below(2)), bytes);
    struct rd_place_in at;
    REQUIRE(rd_shape_find(shape, &word, &at) == (own >= 0));
    if (own < 0) {
        REQUIRE(rd_shape_add(shape, &word, (struct rd_slice){bytes, length}));
        insert(count, &item);
    } else if (type == RD_VALUE_HASH && (grows || random_below(3) == 0)) {
        REQUIRE(rd_shape_replace(shape, &at, (struct rd_slice){bytes, length}));
        items[own] = item;
    } else if (!grows) {
        rd_shape_erase(shape, &at);
        take((uint32_t)own);
    }
}

static uint32_t rank_of(const struct item *item) {
    uint32_t rank = 0;
    for (; rank < count; rank++) {
        const struct item *other = &items[rank];
        if (other->score != item->score) {
            if (other->score > item->score) break;
            continue;
        }
        size_t common = other->length < item->length ? other->length : item->length;
        int order = memcmp(other->text, item->text, common);
        if (order > 0 || (order == 0 && other->length > item->length)) break;
    }
    return rank;
}

static void change_zset(struct rd_shape *shape, bool grows) {
    struct item item = {0};
    item.length = random_text(item.text);
    item.score = random_below(2) ? 0 : (double)random_below(50) / (random_below(2) ? 1 : 8) - 3;
    int own = find(slice_of(&item));
    if (own < 0 && !grows && count) {
        own = (int)random_below(count);
        memcpy(item.text, items[own].text, item.length = items[own].length);
    }
    struct rd_word word = rd_word_of(slice_of(&item));
    double score;
    REQUIRE(rd_zset_find(shape, &word, &score) == (own >= 0));
    bool is_rescored = own >= 0 && grows && random_below(2);
    if (own >= 0) {
        REQUIRE(score == items[own].score);
        REQUIRE(is_rescored ? rd_zset_rescore(shape, &word, score, item.score) : rd_zset_remove(shape, &word, score));
        take((uint32_t)own);
    }
    if (grows) {
        if (!is_rescored) REQUIRE(rd_zset_add(shape, &word, item.score));
        uint32_t rank = rank_of(&item);
        insert(rank, &item);
        struct rd_place_in at;
        REQUIRE(rd_zset_seek(shape, item.score, slice_of(&item), false, &at) && at.index == rank);
        REQUIRE(text_is(at.item, item.text, item.length));
        REQUIRE(rd_zset_seek(shape, item.score, slice_of(&item), true, &at) == (rank + 1 < count) && at.index == rank + 1);
    }
}

static void see_stable(void *context, const char *item) {
    (void)context;
    char digits[RD_I64_DIGITS];
    int own = find_stable(rd_part_text(item, digits));
    if (own >= 0) stable_seen[own] = true;
}

/* Leaves are divided and joined between the calls of a scan. */
static void scan_while_changing(enum rd_type_of_value type) {
    memcpy(stable, items, count * sizeof *items);
    memset(stable_seen, 0, sizeof stable_seen);
    stable_count = count;
    uint64_t cursor = 0;
    bool grows = random_below(2);
    int calls = 0;
    do {
        struct rd_shape shape;
        open(&shape, type);
        cursor = rd_shape_scan(&shape, cursor, see_stable, NULL);
        for (uint32_t changes = random_below(20); changes > 0 && count > 1; changes--) {
            bool adds = count < MOST / 2 && (random_below(8) ? grows : !grows);
            if (type == RD_VALUE_ZSET) change_zset(&shape, adds);
            else change_members(&shape, type, adds);
        }
        close(&shape);
        REQUIRE(calls++ < 2 * MOST);
    } while (cursor);
    for (uint32_t i = 0; i < stable_count; i++) REQUIRE(stable_seen[i]);
    stable_count = 0;
}

static void remove_all(void) {
    struct rd_found found = rd_shard_find(shard, hash, key, now);
    if (found.entry) rd_shard_remove(shard, found);
    count = 0;
}

/* Those of the shape at these indices leave the array. */
static void take_range(struct rd_shape *shape, enum rd_type_of_value type, uint32_t first, uint32_t taken) {
    static struct item kept[MOST];
    struct rd_place_in at;
    uint32_t kept_count = 0;
    if (type == RD_VALUE_LIST || type == RD_VALUE_ZSET) {
        memmove(items + first, items + first + taken, (count - first - taken) * sizeof *items);
        count -= taken;
        return;
    }
    for (bool more = rd_shape_seek(shape, 0, &at); more; more = rd_shape_next(shape, &at)) {
        char digits[RD_I64_DIGITS];
        int own = find(rd_part_text(at.item, digits));
        REQUIRE(own >= 0);
        if (at.index < first || at.index >= first + taken) kept[kept_count++] = items[own];
    }
    REQUIRE(kept_count == count - taken);
    memcpy(items, kept, kept_count * sizeof *items);
    count = kept_count;
}

/*
 * References to some leaves, as a reply has them: their bytes must stay. With these what changes such a leaf takes memory,
 * which is not to be had at times.
 */
static void erase_range(enum rd_type_of_value type, bool may_fail) {
    static struct item before[MOST];
    struct rd_blob *held[4];
    uint32_t held_count = 0, count_before = count;
    struct rd_shape shape;
    open(&shape, type);
    memcpy(before, items, count * sizeof *items);
    uint32_t first = random_below(count), most = random_below(3) ? count - first : 1 + (count - first) / 8;
    uint32_t taken = random_below(8) ? 1 + random_below(most) : 0;
    struct rd_place_in at;
    while (held_count < 4 && shape.tree.root) {
        static const int64_t ends[] = {0, -1};
        uint32_t index = held_count < 2 ? (uint32_t)(first + (held_count ? taken : 0) + ends[random_below(2)]) : random_below(count);
        if (index >= count) index = 0;
        REQUIRE(rd_shape_seek(&shape, index, &at));
        held[held_count++] = rd_blob_retain(rd_tree_leaf(&at));
    }
    uint64_t sums[4];
    for (uint32_t i = 0; i < held_count; i++) sums[i] = rd_hash(&store.seed, held[i]->bytes, held[i]->length);
    take_range(&shape, type, first, taken);
    if (may_fail) let_blobs_fail();
    bool erased = rd_shape_erase_range(&shape, first, taken);
    blobs_fail = 0;
    REQUIRE(erased || may_fail);
    if (!erased) memcpy(items, before, (count = count_before) * sizeof *items);
    REQUIRE(shape.count == count);
    REQUIRE(rd_shape_close(&shape) == (erased ? RD_OK : RD_ERR_NO_MEMORY));
    for (uint32_t i = 0; i < held_count; i++) {
        REQUIRE(rd_hash(&store.seed, held[i]->bytes, held[i]->length) == sums[i]);
        rd_blob_release(held[i]);
    }
    REQUIRE(rd_store_check(&store));
}

static int by_rank(const void *left, const void *right) {
    const struct item *a = left, *b = right;
    if (a->score != b->score) return a->score < b->score ? -1 : 1;
    return rd_slice_order(slice_of(a), slice_of(b));
}

/* A new set or sorted set in place of what is there, of many items at once; where memory is short, nothing. */
static void fill(enum rd_type_of_value type, bool may_fail) {
    static char run[MOST * 2 * TEXT_MOST];
    char *end = run;
    uint32_t wanted = 1 + random_below(random_below(2) ? MOST / 4 : 30);
    remove_all();
    struct rd_shape shape;
    open(&shape, type);
    for (; count < wanted; count++) {
        struct item *item = &items[count];
        *item = (struct item){0};
        do item->length = random_text(item->text);
        while (find(slice_of(item)) >= 0);
        if (type == RD_VALUE_ZSET) item->score = random_below(2) ? 0 : (double)random_below(50) / 8 - 3;
    }
    if (type == RD_VALUE_ZSET) qsort(items, count, sizeof *items, by_rank);
    for (uint32_t i = 0; i < count; i++) {
        end += write_item(&items[i], type, false, end);
        struct rd_word score = rd_word_of_double(items[i].score);
        if (type == RD_VALUE_ZSET) end = rd_word_write(&score, end);
    }
    if (may_fail) let_blobs_fail();
    bool filled = rd_shape_fill(&shape, (struct rd_slice){run, (size_t)(end - run)}, count);
    blobs_fail = 0;
    REQUIRE(filled || may_fail);
    if (filled) {
        close(&shape);
        return;
    }
    REQUIRE(rd_shape_close(&shape) == RD_ERR_NO_MEMORY);
    count = 0;
}

/* A leaf that could not be divided is, as soon as there is memory again and it is added to. */
static void overfill(void) {
    struct rd_shape shape;
    struct rd_place_in at;
    char bytes[3 * TEXT_MOST];
    open(&shape, RD_VALUE_LIST);
    uint32_t index = random_below(3) ? random_below(count + 1) : random_below(2) ? count : 0;
    for (int added = 0; added < 60; added++) {
        struct item item = {0};
        item.length = random_text(item.text);
        size_t length = write_item(&item, RD_VALUE_LIST, false, bytes);
        (void)rd_shape_seek(&shape, index, &at);
        uint64_t before = at.depth && at.item ? rd_tree_leaf_count(&at) : 0;
        blobs_fail = added < 40 && random_below(4) && shape.tree.root ? 1 : 0; /* what is added is not, or stays where it is */
        bool inserted = rd_shape_insert(&shape, &at, (struct rd_slice){bytes, length});
        bool failed = blobs_fail > 0;
        blobs_fail = 0;
        REQUIRE(inserted || failed);
        if (!inserted) {
            shape.out_of_memory = false;
            continue;
        }
        insert(index, &item);
        if (failed || !shape.tree.root || !at.depth) continue;
        uint64_t behind = rd_tree_leaf_count(&at);
        REQUIRE(behind <= RD_LEAF_ITEMS || behind < before || before == 0);
    }
    close(&shape);
}

static void change_much(enum rd_type_of_value type) {
    bool may_fail = random_below(2);
    if (random_below(3) == 0 && (type == RD_VALUE_SET || type == RD_VALUE_ZSET)) fill(type, may_fail);
    else if (random_below(3) == 0 && type == RD_VALUE_LIST && count < MOST - 100) overfill();
    else if (count > 0 && type != RD_VALUE_HASH) erase_range(type, may_fail);
}

static void pass_time(void) {
    now += random_below(60);
    for (uint32_t i = count; i-- > 0;) {
        if (!items[i].expiry || items[i].expiry > now) continue;
        take(i);
        expired++;
    }
    /* A large one takes several goes. */
    for (int goes = 0; goes < 40; goes++) (void)rd_shard_find(shard, hash, key, now);
    REQUIRE(rd_counter_get(&shard->expired_fields) == expired);
}

/* A hash counts as timed while a field has a time, however it got and lost it. */
static void check_times(void) {
    uint64_t timed = 0;
    for (uint32_t i = 0; i < count && !timed; i++) timed = items[i].expiry != 0;
    REQUIRE(rd_counter_get(&shard->timed) == timed);
}

static void run(enum rd_type_of_value type) {
    bool grows = true;
    now = NOW;
    for (step = 0; step < STEPS; step++) {
        if (random_below(200) == 0) grows = !grows;
        if (count == 0) grows = true;
        if (type == RD_VALUE_HASH && random_below(20) == 0) pass_time();
        if (random_below(1500) == 0) remove_all();
        if (random_below(60) == 0) change_much(type);
        if (count > MOST - 100) grows = false;
        struct rd_shape shape;
        open(&shape, type);
        for (uint32_t changes = 1 + random_below(random_below(4) ? 4 : 40); changes > 0; changes--) {
            bool adds = grows ? random_below(8) != 0 : random_below(8) == 0;
            if (type == RD_VALUE_LIST) change_list(&shape, adds);
            else if (type == RD_VALUE_ZSET) change_zset(&shape, adds);
            else change_members(&shape, type, adds);
            if (shape.count != count) fprintf(stderr, "%llu and not %u\n", (unsigned long long)shape.count, count);
            REQUIRE(shape.count == count);
        }
        close(&shape);
        check_times();
        if (random_below(50) == 0) (void)rd_store_compact_blobs(&store);
        if (random_below(40) != 0) continue;
        open(&shape, type);
        check_order(&shape, type);
        if (type != RD_VALUE_LIST) check_scan(&shape);
        if (type != RD_VALUE_LIST && count < 300) scan_while_changing(type);
        REQUIRE(rd_store_check(&store));
    }
    remove_all();
    rd_flush_finish(&store);
    REQUIRE(rd_store_check(&store));
    REQUIRE(rd_blobs_bytes(&store.blobs) == 0);
}

int main(int argc, char **argv) {
    unsigned long long first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    unsigned long long last = argc > 2 ? strtoull(argv[2], NULL, 10) : argc > 1 ? first : 3;
    for (seed = first; seed <= last; seed++) {
        struct rd_hash_seed own = {seed, 2};
        struct rd_store_options options = {.shards = 1, .seed = &own, .shapes = &rd_shapes};
        if (rd_store_init(&store, &options) != RD_OK) return 1;
        hash = rd_store_hash(&store, rd_key_name(key));
        shard = rd_store_shard(&store, hash);
        expired = 0;
        run(RD_VALUE_LIST);
        run(RD_VALUE_SET);
        run(RD_VALUE_HASH);
        run(RD_VALUE_ZSET);
        rd_store_destroy(&store);
    }
    rd_shape_scratch_free(&scratch);
    return 0;
}
