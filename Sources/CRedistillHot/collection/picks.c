/* This file owns how items are chosen by chance. */
#include "collection/picks.h"

#include "store/room.h"

/* From here on it is cheaper to look for an item by its index than to step over those between. */
#define STEPS_MOST 24

static bool is_marked(const struct rd_sample *sample, uint64_t index) {
    return sample->marks[index / 64] >> index % 64 & 1;
}

static bool take_marks(struct rd_call *call, struct rd_sample *sample, uint64_t items) {
    uint64_t words = (items + 63) / 64, bytes = words * sizeof(uint64_t);
    sample->memory = NULL;
    sample->marks = sample->few;
    if (bytes > sizeof sample->few) {
        if (rd_room_never_fits(call->store, bytes) || rd_room_may_receive(call->store, bytes) != RD_RECEIVE) return false;
        sample->memory = rd_blob_new(&call->store->blobs, bytes, 0);
        if (!sample->memory) return false;
        sample->marks = (uint64_t *)sample->memory->bytes;
    }
    memset(sample->marks, 0, bytes);
    return true;
}

bool rd_sample_begin(struct rd_call *call, struct rd_sample *sample, struct rd_shape *shape, uint64_t count) {
    sample->shape = shape;
    sample->has_begun = false;
    if (!take_marks(call, sample, shape->count)) {
        rd_reply_oom(call->reply);
        return false;
    }
    /* At most half are marked, so that a try mostly finds one that is not. */
    sample->marks_are_left_out = count > shape->count / 2;
    uint64_t left = sample->marks_are_left_out ? shape->count - count : count;
    while (left > 0) {
        uint64_t index = rd_shard_random(shape->shard) % shape->count;
        if (is_marked(sample, index)) continue;
        sample->marks[index / 64] |= 1ull << index % 64;
        left--;
    }
    return true;
}

/* The first index from that one on which was chosen; the number of items: there is none. */
static uint64_t next_index(const struct rd_sample *sample, uint64_t index) {
    uint64_t count = sample->shape->count;
    while (index < count) {
        uint64_t word = sample->marks[index / 64];
        if (sample->marks_are_left_out) word = ~word;
        word >>= index % 64;
        if (word) {
            index += (uint64_t)__builtin_ctzll(word);
            return index < count ? index : count;
        }
        index = (index / 64 + 1) * 64;
    }
    return count;
}

const char *rd_sample_next(struct rd_sample *sample) {
    struct rd_shape *shape = sample->shape;
    uint64_t wanted = next_index(sample, sample->has_begun ? sample->index + 1 : 0);
    if (wanted == shape->count) return NULL;
    bool steps = sample->has_begun && (!shape->tree.root || wanted - sample->index <= STEPS_MOST);
    bool found = true;
    if (!steps) found = rd_shape_seek(shape, wanted, &sample->at);
    for (; steps && found && sample->index < wanted; sample->index++) found = rd_shape_next(shape, &sample->at);
    sample->index = wanted;
    sample->has_begun = true;
    return found ? sample->at.item : NULL;
}

void rd_sample_end(struct rd_sample *sample) {
    if (sample->memory) rd_blob_release(sample->memory);
}
