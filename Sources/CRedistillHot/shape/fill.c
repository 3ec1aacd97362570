/* This file owns filling a shape with many items at once. */
#include "shape/build.h"
#include "shape/indexed.h"
#include "shape/packed.h"
#include "shape/word.h"

static bool is_scored(const struct rd_shape *shape) {
    return (shape->kind & RD_SHAPE_TYPE) == RD_VALUE_ZSET;
}

static bool add_each(struct rd_shape *shape, struct rd_slice run) {
    for (size_t offset = 0, room; offset < run.length; offset += room) {
        const char *item = run.bytes + offset;
        room = rd_item_room(item, shape->parts);
        struct rd_word word = rd_word_of_part(item);
        bool added = is_scored(shape) ? rd_zset_add(shape, &word, rd_part_double(rd_part_after(item)))
                                      : rd_shape_add(shape, &word, (struct rd_slice){item, room});
        if (!added) return false;
    }
    return true;
}

static bool build_by_score(const struct rd_tree *tree, struct rd_slice run) {
    struct rd_builder builder;
    rd_builder_begin(&builder, tree);
    for (size_t offset = 0, room; offset < run.length; offset += room) {
        const char *item = run.bytes + offset;
        room = rd_item_room(item, tree->parts);
        uint64_t key = rd_score_key(rd_part_double(rd_part_after(item)));
        if (!rd_builder_add(&builder, (struct rd_slice){item, room}, key)) return false;
    }
    return rd_builder_end(&builder);
}

static bool index_each(const struct rd_tree *tree, struct rd_slice run) {
    for (size_t offset = 0, room; offset < run.length; offset += room) {
        room = rd_item_room(run.bytes + offset, tree->parts);
        if (!rd_indexed_add_by_hash(tree, (struct rd_slice){run.bytes + offset, room}, false)) return false;
    }
    return true;
}

/* Without memory to sort them in each is added. */
static bool build_by_hash(const struct rd_tree *tree, struct rd_slice run, uint64_t count) {
    struct rd_blob *memory = rd_build_memory(tree, count);
    if (!memory) return index_each(tree, run);
    struct rd_keyed *items = (struct rd_keyed *)memory->bytes, *end = items;
    for (size_t offset = 0; offset < run.length; offset += rd_item_room(run.bytes + offset, tree->parts)) {
        *end++ = (struct rd_keyed){rd_tree_hash(tree, run.bytes + offset), run.bytes + offset};
    }
    bool is_built = rd_build_by_hash(tree, items, count);
    rd_blob_detach(memory);
    return is_built;
}

bool rd_shape_fill(struct rd_shape *shape, struct rd_slice run, uint64_t count) {
    if (count <= shape->limits.entries || count <= shape->limits.integers) return add_each(shape, run);
    if (!rd_indexed_from_packed(shape)) return rd_shape_refuse(shape);
    bool is_built = !is_scored(shape) || build_by_score(&shape->tree, run);
    const struct rd_tree *by_hash = is_scored(shape) ? &shape->members : &shape->tree;
    if (!is_built || !build_by_hash(by_hash, run, count)) return rd_shape_refuse(shape);
    shape->count = count;
    return true;
}
