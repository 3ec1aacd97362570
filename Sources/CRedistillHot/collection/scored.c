/* This file owns the order of members with scores, and what becomes of them. */
#include "collection/scored.h"

#include <stdlib.h>

#include "collection/ranks.h"
#include "collection/working.h"

#define SCORE_ROOM (1 + sizeof(double))

void rd_scored_begin(struct rd_scored *scored, struct rd_call *call) {
    scored->call = call;
    scored->count = 0;
    rd_gathered_begin(&scored->items, scored->few_bytes, sizeof scored->few_bytes);
    scored->order = NULL;
    scored->order_memory = NULL;
}

void rd_scored_end(struct rd_scored *scored) {
    rd_gathered_end(&scored->items);
    if (scored->order_memory) rd_blob_release(scored->order_memory);
}

static void write_score(char *at, double score) {
    *at = (char)RD_PART_DOUBLE;
    memcpy(at + 1, &score, sizeof score);
}

bool rd_scored_add(struct rd_scored *scored, const char *member, double score) {
    size_t room = rd_part_room(member);
    char *end = rd_gathered_extend(&scored->items, scored->call->store, room + SCORE_ROOM);
    if (!end) return false;
    memcpy(end, member, room);
    write_score(end + room, score);
    scored->count++;
    return true;
}

/* A list of all, in the order in which they were found. */
static bool list(struct rd_scored *scored) {
    scored->order = scored->few;
    if (scored->count > RD_SCORED_FEW) {
        scored->order_memory = rd_working_memory(scored->call->store, scored->count * sizeof *scored->order);
        if (!scored->order_memory) return false;
        scored->order = (struct rd_keyed *)scored->order_memory->bytes;
    }
    const char *item = scored->items.bytes;
    for (uint64_t i = 0; i < scored->count; i++, item += rd_item_room(item, 2)) scored->order[i].item = item;
    return true;
}

/* How many from the first one on have its key. */
static uint64_t alike(const struct rd_keyed *items, uint64_t most) {
    uint64_t count = 1;
    while (count < most && items[count].key == items[0].key) count++;
    return count;
}

/* Puts the score to that of the same member among those, which have one hash; false: it is not there. */
static bool put_together(const struct rd_keyed *items, uint64_t count, const char *item, rd_aggregate_fn *aggregate) {
    for (uint64_t i = 0; i < count; i++) {
        if (!rd_part_same(items[i].item, item)) continue;
        char *score = (char *)rd_part_after(items[i].item); /* in what is ours */
        write_score(score, aggregate(rd_item_score(items[i].item), rd_item_score(item)));
        return true;
    }
    return false;
}

/* Of items with one hash those whose members are not the same, at the front; how many they are. */
static uint64_t merge_alike(struct rd_keyed *items, uint64_t count, rd_aggregate_fn *aggregate) {
    uint64_t merged = 1;
    if (count == 1) return 1;
    for (uint64_t i = 0; i < count; i++) items[i].key = (uint64_t)(uintptr_t)items[i].item;
    rd_keyed_sort(items, count); /* sums depend on their order: as they were found */
    for (uint64_t i = 1; i < count; i++) {
        if (!put_together(items, merged, items[i].item, aggregate)) items[merged++] = items[i];
    }
    return merged;
}

bool rd_scored_merge(struct rd_scored *scored, rd_aggregate_fn *aggregate) {
    if (!list(scored)) return false;
    struct rd_keyed *items = scored->order;
    for (uint64_t i = 0; i < scored->count; i++) {
        items[i].key = rd_part_hash(&scored->call->store->seed, items[i].item);
    }
    rd_keyed_sort(items, scored->count);
    uint64_t merged = 0;
    for (uint64_t i = 0, count; i < scored->count; i += count) {
        rd_keyed_ask_ahead(scored->order, i, scored->count);
        count = alike(items + i, scored->count - i);
        uint64_t kept = merge_alike(items + i, count, aggregate);
        memmove(items + merged, items + i, kept * sizeof *items);
        merged += kept;
    }
    scored->count = merged;
    return true;
}

static int by_member(const void *left, const void *right) {
    const struct rd_keyed *a = left, *b = right;
    char a_digits[RD_I64_DIGITS], b_digits[RD_I64_DIGITS];
    return rd_slice_order(rd_part_text(a->item, a_digits), rd_part_text(b->item, b_digits));
}

/* Those of one score, which are often in their order already. */
static void sort_alike(struct rd_keyed *items, uint64_t count) {
    for (uint64_t i = 1; i < count; i++) {
        if (by_member(&items[i - 1], &items[i]) <= 0) continue;
        qsort(items, count, sizeof *items, by_member);
        return;
    }
}

bool rd_scored_sort(struct rd_scored *scored) {
    if (!scored->order && !list(scored)) return false;
    struct rd_keyed *items = scored->order;
    for (uint64_t i = 0; i < scored->count; i++) {
        rd_keyed_ask_ahead(scored->order, i, scored->count);
        items[i].key = rd_score_key(rd_item_score(items[i].item));
    }
    rd_keyed_sort(items, scored->count);
    for (uint64_t i = 0, count; i < scored->count; i += count) {
        count = alike(items + i, scored->count - i);
        sort_alike(items + i, count);
    }
    return true;
}

void rd_reply_scored_header(struct rd_reply *reply, uint64_t count, bool with_scores) {
    rd_reply_array(reply, with_scores && reply->protocol < 3 ? 2 * count : count);
}

void rd_reply_scored(struct rd_reply *reply, const char *member, double score, bool with_scores) {
    if (with_scores && reply->protocol >= 3) rd_reply_array(reply, 2);
    rd_reply_part(reply, member);
    if (with_scores) rd_reply_score(reply, score);
}

void rd_scored_reply(struct rd_scored *scored, bool with_scores) {
    struct rd_reply *reply = scored->call->reply;
    rd_reply_scored_header(reply, scored->count, with_scores);
    for (uint64_t i = 0; i < scored->count && !reply->failed; i++) {
        const char *item = scored->order[i].item;
        rd_reply_scored(reply, item, rd_item_score(item), with_scores);
    }
}

/* The items in their order as a sorted set has them. NULL: no memory. */
static struct rd_blob *write_items(const struct rd_scored *scored) {
    struct rd_blob *items = rd_working_memory(scored->call->store, scored->items.length ? scored->items.length : 1);
    if (!items) return NULL;
    char *end = items->bytes;
    for (uint64_t i = 0; i < scored->count; i++) {
        const char *item = scored->order[i].item;
        rd_keyed_ask_ahead(scored->order, i, scored->count);
        size_t room = rd_part_room(item);
        struct rd_word score = rd_word_of_double(rd_item_score(item) + 0.0); /* of both zeroes the one without a sign */
        memcpy(end, item, room);
        end = rd_word_write(&score, end + room);
    }
    items->length = (uint64_t)(end - items->bytes);
    return items;
}

void rd_scored_store(struct rd_scored *scored, struct rd_shard *shard, uint64_t hash, struct rd_key key) {
    struct rd_call *call = scored->call;
    struct rd_blob *items = rd_scored_sort(scored) ? write_items(scored) : NULL;
    if (!items) {
        rd_reply_oom(call->reply);
        return;
    }
    struct rd_shape zset;
    if (rd_call_open_anew(call, &zset, shard, hash, key, RD_VALUE_ZSET, items->length)) {
        (void)rd_shape_fill(&zset, (struct rd_slice){items->bytes, items->length}, scored->count);
        if (rd_call_close_over(call, &zset)) rd_reply_integer(call->reply, (int64_t)scored->count);
    }
    rd_blob_release(items);
}
