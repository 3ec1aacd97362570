/* This file owns the indexed form of an opened shape. */
#include "shape/indexed.h"

#include "shape/packed.h"
#include "shape/word.h"

static enum rd_tree_order order_of(uint8_t kind) {
    switch (kind & RD_SHAPE_TYPE) {
    case RD_VALUE_LIST: return RD_BY_PLACE;
    case RD_VALUE_ZSET: return RD_BY_SCORE;
    default: return RD_BY_HASH;
    }
}

static struct rd_tree tree_of(struct rd_shape *shape, struct rd_blob *root, enum rd_tree_order order, uint8_t parts) {
    return (struct rd_tree){.root = root, .shard = shape->shard, .hash = shape->hash, .spare = &shape->found,
                            .parts = parts, .owes_nothing = shape->owes_nothing, .order = order};
}

static void open_trees(struct rd_shape *shape, struct rd_blob *blob) {
    const struct rd_root *root = (const struct rd_root *)blob->bytes;
    shape->parts = rd_kind_parts(shape->kind);
    shape->tree = tree_of(shape, blob, order_of(shape->kind), shape->parts);
    if (root->second) shape->members = tree_of(shape, root->second, RD_BY_HASH, 2);
}

void rd_indexed_open(struct rd_shape *shape, struct rd_blob *blob) {
    const struct rd_root *root = (const struct rd_root *)blob->bytes;
    shape->count = root->count;
    shape->next_expiry = root->next_expiry;
    open_trees(shape, blob);
}

void rd_indexed_close(struct rd_shape *shape) {
    struct rd_root *root = rd_tree_root(&shape->tree);
    root->kind = shape->kind;
    root->next_expiry = root->timed ? shape->next_expiry : INT64_MAX;
}

bool rd_indexed_add_by_hash(const struct rd_tree *tree, struct rd_slice item, bool and_nothing) {
    struct rd_place_in at;
    if (rd_tree_to_hash(tree, rd_tree_hash(tree, item.bytes), &at)) at.offset = at.length;
    return rd_tree_edit(tree, &at, 0, item, and_nothing);
}

bool rd_indexed_add(struct rd_shape *shape, struct rd_slice item, bool and_nothing) {
    return rd_indexed_add_by_hash(&shape->tree, item, and_nothing);
}

/* Exactly that item in the index by score. */
static bool to_scored(struct rd_shape *shape, struct rd_slice member, double score, struct rd_place_in *at) {
    rd_tree_to_score(&shape->tree, score, member, false, at);
    return rd_tree_onward(&shape->tree, at) && rd_item_compare(at->item, score, member) == 0;
}

bool rd_indexed_find_member(struct rd_shape *shape, const struct rd_word *word, struct rd_place_in *at) {
    struct rd_place_in member;
    if (!rd_tree_find(&shape->members, word, &member)) {
        rd_tree_seek(&shape->tree, UINT64_MAX, at);
        return false;
    }
    char digits[RD_I64_DIGITS];
    return to_scored(shape, rd_part_text(member.item, digits), rd_part_double(rd_part_after(member.item)), at);
}

static bool erase_scored(struct rd_shape *shape, struct rd_slice member, double score) {
    struct rd_place_in at;
    if (!to_scored(shape, member, score, &at)) return false;
    return rd_tree_edit(&shape->tree, &at, rd_item_room(at.item, 2), (struct rd_slice){NULL, 0}, false);
}

static bool insert_scored(struct rd_shape *shape, struct rd_slice member, double score, struct rd_slice item) {
    struct rd_place_in at;
    rd_tree_to_score(&shape->tree, score, member, false, &at);
    return rd_tree_edit(&shape->tree, &at, 0, item, false);
}

/* Into both, or none. */
bool rd_indexed_add_scored(struct rd_shape *shape, struct rd_slice item) {
    char digits[RD_I64_DIGITS];
    struct rd_slice member = rd_part_text(item.bytes, digits);
    double score = rd_part_double(rd_part_after(item.bytes));
    if (!insert_scored(shape, member, score, item)) return false;
    if (rd_indexed_add_by_hash(&shape->members, item, false)) return true;
    (void)erase_scored(shape, member, score);
    return false;
}

/* The score that stands beside the member in the index by member. */
static bool write_score(struct rd_shape *shape, const struct rd_word *member, const struct rd_word *score) {
    struct rd_place_in at;
    if (!rd_tree_find(&shape->members, member, &at)) return false;
    at.offset += rd_part_room(at.item);
    return rd_tree_edit(&shape->members, &at, rd_part_room(at.run + at.offset), (struct rd_slice){score->head, score->head_length}, false);
}

/*
 * By score the member stands twice while the other index is changed, so that it is missing nowhere when that fails. What is
 * changed back fits: the leaf is nobody else's, and a new one has room for more than a score.
 */
bool rd_indexed_rescore(struct rd_shape *shape, double old, struct rd_slice item) {
    char digits[RD_I64_DIGITS];
    struct rd_slice member = rd_part_text(item.bytes, digits);
    double score = rd_part_double(rd_part_after(item.bytes));
    struct rd_word word = rd_word_of_part(item.bytes), before = rd_word_of_double(old), after = rd_word_of_double(score);
    if (!insert_scored(shape, member, score, item)) return false;
    bool is_written = write_score(shape, &word, &after);
    if (is_written && erase_scored(shape, member, old)) return true;
    if (is_written) (void)write_score(shape, &word, &before);
    (void)erase_scored(shape, member, score);
    return false;
}

bool rd_indexed_remove_scored(struct rd_shape *shape, const struct rd_word *word, double score) {
    struct rd_place_in member;
    if (!rd_tree_find(&shape->members, word, &member)) return false;
    char digits[RD_I64_DIGITS];
    struct rd_slice text = word->is_integer
        ? (struct rd_slice){digits, (size_t)(rd_format_i64(digits, word->integer) - digits)} : word->text;
    /* First where a reply may refer to the leaf, so that to change it takes memory; the other index's leaves are its own. */
    if (!erase_scored(shape, text, score)) return false;
    return rd_tree_edit(&shape->members, &member, rd_item_room(member.item, 2), (struct rd_slice){NULL, 0}, false);
}

/* Every item of the run goes into the trees, in its order. */
static bool plant_all(struct rd_shape *shape, uint8_t parts) {
    for (size_t offset = 0, room; offset < shape->length; offset += room) {
        room = rd_item_room(shape->run + offset, parts);
        struct rd_slice item = {shape->run + offset, room};
        struct rd_place_in at;
        bool added;
        switch (shape->tree.order) {
        case RD_BY_PLACE:
            rd_tree_seek(&shape->tree, UINT64_MAX, &at);
            added = rd_tree_edit(&shape->tree, &at, 0, item, false);
            break;
        case RD_BY_HASH: added = rd_indexed_add(shape, item, parts < shape->parts); break;
        default: added = rd_indexed_add_scored(shape, item); break;
        }
        if (!added) return false;
    }
    return true;
}

bool rd_indexed_from_packed(struct rd_shape *shape) {
    if (!rd_packed_lift(shape)) return false;
    uint8_t packed = shape->kind, parts = shape->parts;
    shape->kind = (uint8_t)((shape->kind & ~RD_SHAPE_INTEGERS) | RD_SHAPE_INDEXED);
    struct rd_tree none = tree_of(shape, NULL, order_of(shape->kind), parts);
    struct rd_blob *blob = rd_tree_new_root(&none, shape->kind, true);
    bool is_whole = blob != NULL;
    if (blob && none.order == RD_BY_SCORE) {
        struct rd_root *root = (struct rd_root *)blob->bytes;
        root->second = rd_tree_new_root(&none, shape->kind, false);
        is_whole = root->second != NULL;
    }
    if (is_whole) {
        open_trees(shape, blob);
        is_whole = plant_all(shape, parts);
    }
    if (is_whole) {
        shape->fresh = true;
        shape->dirty = true;
        return true;
    }
    if (blob) rd_blob_release(blob);
    shape->tree = shape->members = (struct rd_tree){0};
    shape->kind = packed;
    shape->parts = parts;
    return false;
}

/* Of a hash: its upper 48 bits, rounded up, so that no client has trouble with the number. */
#define CURSOR_SHIFT 16

uint64_t rd_indexed_scan(struct rd_shape *shape, uint64_t cursor, rd_shape_visit_fn *visit, void *context) {
    const struct rd_tree *tree = shape->members.root ? &shape->members : &shape->tree;
    struct rd_place_in at;
    if (cursor >> (64 - CURSOR_SHIFT) || !rd_tree_to_hash(tree, cursor << CURSOR_SHIFT, &at)) return 0;
    for (; at.offset < at.length; at.offset += rd_item_room(at.run + at.offset, tree->parts)) visit(context, at.run + at.offset);
    uint64_t key;
    if (!rd_tree_next_leaf(tree, &at, &key)) return 0;
    uint64_t next = (key >> CURSOR_SHIFT) + ((key & ((1u << CURSOR_SHIFT) - 1)) != 0);
    return next >> (64 - CURSOR_SHIFT) ? 0 : next;
}
