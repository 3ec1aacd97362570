/*
 * This file owns taking a stretch of items out of a tree: whole subtrees at once, which are put aside to be taken apart
 * later as a removed root is, and of the leaves at both ends a part.
 */
#include "shape/edit.h"
#include "shape/range.h"

/* So many leaves ahead are asked for. */
#define AHEAD 8

/* Roots that nobody's key has, from which hangs what was taken out, by their heights; NULL where there is none yet. */
struct graves {
    struct rd_tree tree;
    struct rd_blob *roots[RD_TREE_LEVELS];
};

static void begin_graves(struct graves *graves, const struct rd_tree *tree) {
    *graves = (struct graves){.tree = *tree};
    graves->tree.makes_no_room = true; /* nothing goes so that something can go */
}

static void close_grave(struct graves *graves, uint32_t height) {
    if (graves->roots[height]) rd_blob_release(graves->roots[height]);
    graves->roots[height] = NULL;
}

static void close_graves(struct graves *graves) {
    for (uint32_t height = 0; height < RD_TREE_LEVELS; height++) close_grave(graves, height);
}

/* A leaf has no levels. What there is no memory for to put it aside is freed at once. */
static void bury(struct graves *graves, struct rd_blob *node, uint32_t levels) {
    if (levels > 0 && !graves->roots[levels]) {
        graves->roots[levels] = rd_tree_new_root(&graves->tree, RD_SHAPE_INDEXED, true);
    }
    struct rd_blob *grave = graves->roots[levels];
    if (!grave || levels == 0) {
        rd_node_free(node, levels);
        return;
    }
    struct rd_root *root = (struct rd_root *)grave->bytes;
    root->height = (uint8_t)levels;
    rd_node_children(grave, 0)[root->children++].node = node;
    if (root->children == RD_TREE_FANOUT) close_grave(graves, levels);
}

/* Of all leaves below a node that has so many levels. */
static uint64_t bytes_below(const struct rd_blob *node, uint32_t levels) {
    uint64_t bytes = 0;
    if (levels == 0) return node->length;
    const struct rd_child *children = rd_node_children(node, 1);
    uint32_t count = *rd_node_count(node, 1);
    for (uint32_t i = 0; i < count; i++) {
        if (i + AHEAD < count) __builtin_prefetch(children[i + AHEAD].node);
        bytes += bytes_below(children[i].node, levels - 1);
    }
    return bytes;
}

/* The highest level whose child at the place begins with it and has no more items than that; the depth: none. */
static uint32_t level_within(const struct rd_place_in *at, uint64_t count) {
    uint32_t level = at->depth;
    if (at->offset > 0) return level;
    while (level > 0 && rd_place_child(at, level - 1)->count <= count) {
        level--;
        if (at->children[level] > 0) break;
    }
    return level;
}

/* Of the place's leaf, up to so many items from there on; *bytes: theirs. */
static uint64_t items_in_leaf(const struct rd_tree *tree, const struct rd_place_in *at, uint64_t most, size_t *bytes) {
    size_t end = at->offset;
    uint64_t items = 0;
    for (; items < most && end < at->length; items++) end += rd_item_room(at->run + end, tree->parts);
    *bytes = end - at->offset;
    return items;
}

/* From the place on, whole subtrees or a part of a leaf, of up to so many items; how many they were. 0: no memory. */
static uint64_t take_some(const struct rd_tree *tree, const struct rd_place_in *at, uint64_t count, struct graves *graves) {
    uint32_t level = level_within(at, count);
    if (level == at->depth) {
        size_t bytes;
        uint64_t taken = items_in_leaf(tree, at, count, &bytes);
        return rd_tree_cut(tree, at, taken, bytes) ? taken : 0;
    }
    const struct rd_child *child = rd_place_child(at, level);
    uint64_t taken = child->count;
    uint32_t levels = at->depth - 1 - level;
    bury(graves, rd_tree_take_child(tree, at, level, bytes_below(child->node, levels)), levels);
    return taken;
}

bool rd_tree_own_ends(const struct rd_tree *tree, uint64_t index, uint64_t count) {
    struct rd_place_in at;
    if (!rd_tree_seek(tree, index, &at)) return false;
    if ((at.offset > 0 || rd_tree_leaf_count(&at) > count) && !rd_tree_own_leaf(tree, &at)) return false;
    return !rd_tree_seek(tree, index + count, &at) || at.offset == 0 || rd_tree_own_leaf(tree, &at);
}

static bool erase_across(const struct rd_tree *tree, uint64_t index, uint64_t count) {
    struct graves graves;
    if (!rd_tree_own_ends(tree, index, count)) return false;
    begin_graves(&graves, tree);
    for (uint64_t taken = 1; taken > 0 && count > 0; count -= taken) {
        struct rd_place_in at;
        rd_tree_seek(tree, index, &at);
        taken = take_some(tree, &at, count, &graves);
    }
    close_graves(&graves);
    return count == 0;
}

bool rd_tree_erase(const struct rd_tree *tree, uint64_t index, uint64_t count) {
    struct rd_place_in at;
    size_t bytes;
    if (count == 0) return true;
    if (!rd_tree_seek(tree, index, &at)) return false;
    /* A part of one leaf is what is mostly taken. */
    bool may_be_part = rd_tree_leaf_count(&at) > count;
    if (may_be_part && items_in_leaf(tree, &at, count, &bytes) == count) return rd_tree_cut(tree, &at, count, bytes);
    return erase_across(tree, index, count);
}
