/* This file owns sorted sets in both forms. */
#include "shape/indexed.h"
#include "shape/packed.h"

bool rd_zset_find(struct rd_shape *shape, const struct rd_word *member, double *score) {
    struct rd_place_in at;
    bool found = shape->tree.root ? rd_tree_find(&shape->members, member, &at) : rd_shape_find(shape, member, &at);
    if (found) *score = rd_part_double(rd_part_after(at.item));
    return found;
}

static bool seek_packed(struct rd_shape *shape, double score, struct rd_slice member, bool after, struct rd_place_in *at) {
    for (bool more = rd_shape_seek(shape, 0, at); more; more = rd_shape_next(shape, at)) {
        int order = rd_item_compare(at->item, score, member);
        if (order > 0 || (order == 0 && !after)) return true;
    }
    return false;
}

bool rd_zset_seek(struct rd_shape *shape, double score, struct rd_slice member, bool after, struct rd_place_in *at) {
    if (!shape->tree.root) return seek_packed(shape, score, member, after, at);
    rd_tree_to_score(&shape->tree, score, member, after, at);
    return rd_tree_onward(&shape->tree, at);
}

#define FEW 256

/* A member with its score, put together where it fits. */
struct scored {
    struct rd_slice bytes;
    struct rd_blob *large; /* owned; NULL: it is below */
    char few[FEW];
};

/* False: no memory, which is noted. */
static bool begin_item(struct rd_shape *shape, struct scored *item, const struct rd_word *member, double score) {
    struct rd_word number = rd_word_of_double(score + 0.0); /* of both zeroes the one without a sign, as in what Redis packs */
    size_t room = rd_word_room(member) + rd_word_room(&number);
    item->large = room <= FEW ? NULL : rd_blob_new(&shape->shard->store->blobs, room, 0);
    if (room > FEW && !item->large) return rd_shape_refuse(shape);
    char *bytes = item->large ? item->large->bytes : item->few;
    rd_word_write(&number, rd_word_write(member, bytes));
    item->bytes = (struct rd_slice){bytes, room};
    return true;
}

/* Returns `done`; where it is false memory was out, which is noted. */
static bool end_item(struct rd_shape *shape, struct scored *item, bool done) {
    if (item->large) rd_blob_release(item->large);
    return done || rd_shape_refuse(shape);
}

static bool add_item(struct rd_shape *shape, double score, struct rd_slice item) {
    if (!shape->tree.root && rd_packed_is_outgrown(shape, item, 1, item.length) && !rd_indexed_from_packed(shape)) return false;
    if (!shape->tree.root) {
        char digits[RD_I64_DIGITS];
        struct rd_place_in at;
        seek_packed(shape, score, rd_part_text(item.bytes, digits), false, &at);
        return rd_packed_edit(shape, at.offset, 0, item, false);
    }
    if (!rd_indexed_add_scored(shape, item)) return false;
    shape->dirty = true;
    shape->count++;
    return true;
}

bool rd_zset_add(struct rd_shape *shape, const struct rd_word *member, double score) {
    struct scored item;
    return begin_item(shape, &item, member, score) && end_item(shape, &item, add_item(shape, score, item.bytes));
}

bool rd_zset_remove(struct rd_shape *shape, const struct rd_word *member, double score) {
    if (!shape->tree.root) {
        struct rd_place_in at;
        if (!rd_shape_find(shape, member, &at)) return false;
        rd_shape_erase(shape, &at);
        return !shape->out_of_memory;
    }
    if (!rd_indexed_remove_scored(shape, member, score)) return rd_shape_refuse(shape);
    shape->dirty = true;
    shape->count--;
    return true;
}

/* A packed one that has lost the member in the scratch alone is not stored. */
bool rd_zset_rescore(struct rd_shape *shape, const struct rd_word *member, double old, double score) {
    if (!shape->tree.root) return rd_zset_remove(shape, member, old) && rd_zset_add(shape, member, score);
    struct scored item;
    if (!begin_item(shape, &item, member, score)) return false;
    bool done = rd_indexed_rescore(shape, old, item.bytes);
    shape->dirty |= done;
    return end_item(shape, &item, done);
}
