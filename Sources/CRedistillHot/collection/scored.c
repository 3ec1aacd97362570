/* This file owns the order of members with scores, and what becomes of them. */
#include "collection/scored.h"

#include <stdlib.h>

#include "collection/score.h"
#include "collection/working.h"
#include "shape/word.h"

void rd_scored_begin(struct rd_scored *scored, struct rd_call *call) {
    scored->call = call;
    scored->items = scored->few;
    scored->count = 0;
    scored->capacity = RD_SCORED_FEW;
    scored->memory = NULL;
}

void rd_scored_end(struct rd_scored *scored) {
    if (scored->memory) rd_blob_release(scored->memory);
}

static bool grow(struct rd_scored *scored) {
    struct rd_blob *memory = rd_working_memory(scored->call->store, 2 * scored->capacity * sizeof *scored->items);
    if (!memory) return false;
    memcpy(memory->bytes, scored->items, scored->count * sizeof *scored->items);
    rd_scored_end(scored);
    scored->memory = memory;
    scored->items = (struct rd_scored_item *)memory->bytes;
    scored->capacity *= 2;
    return true;
}

bool rd_scored_add(struct rd_scored *scored, const char *member, double score) {
    if (scored->count == scored->capacity && !grow(scored)) return false;
    scored->items[scored->count] = (struct rd_scored_item){member, score, scored->count};
    scored->count++;
    return true;
}

/* In whichever order, but always the same: parts are the same where their bytes are. */
static int compare_members(const char *a, const char *b) {
    size_t a_room = rd_part_room(a), b_room = rd_part_room(b);
    if (a_room != b_room) return a_room < b_room ? -1 : 1;
    return memcmp(a, b, a_room);
}

static int by_member(const void *left, const void *right) {
    const struct rd_scored_item *a = left, *b = right;
    int order = compare_members(a->member, b->member);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static int by_score(const void *left, const void *right) {
    const struct rd_scored_item *a = left, *b = right;
    if (a->score != b->score) return a->score < b->score ? -1 : 1;
    char a_digits[RD_I64_DIGITS], b_digits[RD_I64_DIGITS];
    return rd_slice_order(rd_part_text(a->member, a_digits), rd_part_text(b->member, b_digits));
}

void rd_scored_merge(struct rd_scored *scored, rd_aggregate_fn *aggregate) {
    if (scored->count == 0) return;
    struct rd_scored_item *items = scored->items;
    qsort(items, scored->count, sizeof *items, by_member);
    uint64_t last = 0;
    for (uint64_t i = 1; i < scored->count; i++) {
        bool same = compare_members(items[i].member, items[last].member) == 0;
        if (same) items[last].score = aggregate(items[last].score, items[i].score);
        else items[++last] = items[i];
    }
    scored->count = last + 1;
}

void rd_scored_sort(struct rd_scored *scored) {
    qsort(scored->items, scored->count, sizeof *scored->items, by_score);
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
        rd_reply_scored(reply, scored->items[i].member, scored->items[i].score, with_scores);
    }
}

/* The members' own bytes, since what they lie in may be evicted while they are stored. *bytes: of them. NULL: no memory. */
static struct rd_blob *copy_members(struct rd_scored *scored, uint64_t *bytes) {
    *bytes = 0;
    for (uint64_t i = 0; i < scored->count; i++) *bytes += rd_part_room(scored->items[i].member);
    struct rd_blob *copy = rd_working_memory(scored->call->store, *bytes ? *bytes : 1);
    if (!copy) return NULL;
    char *at = copy->bytes;
    for (uint64_t i = 0; i < scored->count; i++) {
        size_t room = rd_part_room(scored->items[i].member);
        scored->items[i].member = memcpy(at, scored->items[i].member, room);
        at += room;
    }
    return copy;
}

static void add_all(struct rd_scored *scored, struct rd_shape *zset) {
    for (uint64_t i = 0; i < scored->count; i++) {
        struct rd_word member = rd_word_of_part(scored->items[i].member);
        if (!rd_zset_add(zset, &member, scored->items[i].score)) return;
    }
}

/* Whatever is there is replaced. False: OOM has been replied. */
static bool replace(struct rd_scored *scored, struct rd_shard *shard, uint64_t hash, struct rd_key key, uint64_t bytes) {
    struct rd_call *call = scored->call;
    struct rd_shape zset;
    bytes += scored->count * RD_PART_NUMBER_MOST;
    if (!rd_call_open_anew(call, &zset, shard, hash, key, RD_VALUE_ZSET, bytes)) return false;
    add_all(scored, &zset);
    return rd_call_close_over(call, &zset);
}

void rd_scored_store(struct rd_scored *scored, struct rd_shard *shard, uint64_t hash, struct rd_key key) {
    uint64_t bytes;
    struct rd_blob *copy = copy_members(scored, &bytes);
    if (!copy) {
        rd_reply_oom(scored->call->reply);
        return;
    }
    if (replace(scored, shard, hash, key, bytes)) rd_reply_integer(scored->call->reply, (int64_t)scored->count);
    rd_blob_release(copy);
}
