/* This file owns taking a stretch of items out of a shape, in whichever form it is. */
#include "shape/build.h"
#include "shape/edit.h"
#include "shape/indexed.h"
#include "shape/packed.h"
#include "shape/range.h"

/* Items whose hashes are sorted at once, and those for which no memory is wanted. */
#define BATCH (1u << 18)
#define FEW 64
/* Where more than this part of a sorted set goes, a new index of what stays takes less time. */
#define REBUILT_FROM 5

static bool erase_packed(struct rd_shape *shape, uint64_t index, uint64_t count) {
    struct rd_place_in at;
    rd_shape_seek(shape, index, &at);
    size_t end = at.offset;
    for (uint64_t left = count; left > 0; left--) end += rd_item_room(at.run + end, shape->parts);
    if (!rd_packed_edit(shape, at.offset, end - at.offset, (struct rd_slice){NULL, 0}, false)) return false;
    shape->count -= count - 1; /* the edit has counted one */
    return true;
}

/* Notes so many members from that rank on with their hashes. */
static void note(struct rd_shape *shape, uint64_t index, uint64_t count, struct rd_keyed *items) {
    struct rd_place_in at;
    rd_tree_seek(&shape->tree, index, &at);
    for (uint64_t i = 0; i < count; i++, rd_tree_next(&shape->tree, &at)) {
        items[i] = (struct rd_keyed){rd_tree_hash(&shape->members, at.item), at.item};
    }
}

/*
 * The members of these ranks leave the index by member, in which they are looked for in its own order. It takes no memory,
 * since no reply refers to these leaves, but to look for many at once.
 */
static void forget(struct rd_shape *shape, uint64_t index, uint64_t count) {
    struct rd_keyed few[FEW], *items = few;
    uint64_t most = count < BATCH ? count : BATCH;
    struct rd_blob *memory = count > FEW ? rd_build_memory(&shape->tree, most) : NULL;
    if (memory) items = (struct rd_keyed *)memory->bytes;
    else most = FEW;
    for (uint64_t batch; count > 0; index += batch, count -= batch) {
        batch = count < most ? count : most;
        note(shape, index, batch, items);
        rd_tree_erase_keyed(&shape->members, items, batch);
    }
    if (memory) rd_blob_detach(memory);
}

/* Nobody refers to it, and what hangs from it is taken apart later. */
static void bury(struct rd_blob *root) {
    rd_blob_mark_root(root);
    rd_blob_detach(root);
}

/* An index by member of nothing but what other ranks have, in place of the one that is there. False: no memory, no change. */
static bool rebuild(struct rd_shape *shape, uint64_t index, uint64_t count) {
    uint64_t kept = shape->count - count;
    struct rd_blob *memory = rd_build_memory(&shape->tree, kept);
    struct rd_tree built = shape->members;
    built.makes_no_room = true;
    built.root = memory ? rd_tree_new_root(&built, shape->kind, false) : NULL;
    bool is_built = built.root != NULL;
    if (is_built) {
        struct rd_keyed *items = (struct rd_keyed *)memory->bytes;
        note(shape, 0, index, items);
        note(shape, index + count, kept - index, items + index);
        is_built = rd_build_by_hash(&built, items, kept);
        bury(is_built ? shape->members.root : built.root);
    }
    if (memory) rd_blob_detach(memory);
    if (!is_built) return false;
    shape->members.root = rd_tree_root(&shape->tree)->second = built.root;
    return true;
}

/* First what may fail; then the index by member, whose items are known by the other one's. */
static bool erase_scored(struct rd_shape *shape, uint64_t index, uint64_t count) {
    if (!rd_tree_own_ends(&shape->tree, index, count)) return false;
    bool is_rebuilt = count > shape->count / REBUILT_FROM && rebuild(shape, index, count);
    if (!is_rebuilt) forget(shape, index, count);
    return rd_tree_erase(&shape->tree, index, count);
}

bool rd_shape_erase_range(struct rd_shape *shape, uint64_t index, uint64_t count) {
    if (count == 0) return true;
    if (!shape->tree.root) return erase_packed(shape, index, count) || rd_shape_refuse(shape);
    bool erased = shape->members.root ? erase_scored(shape, index, count) : rd_tree_erase(&shape->tree, index, count);
    if (!erased) return rd_shape_refuse(shape);
    shape->dirty = true;
    shape->count -= count;
    return true;
}
