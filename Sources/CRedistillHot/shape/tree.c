/* This file owns finding the way in a tree. */
#include "shape/node.h"

/* So many leaves ahead are asked for. */
#define AHEAD 4

uint64_t rd_tree_hash(const struct rd_tree *tree, const char *part) {
    return rd_part_hash(&tree->shard->store->seed, part);
}

static uint64_t hash_of_word(const struct rd_tree *tree, const struct rd_word *word) {
    struct rd_slice bytes = word->is_integer ? (struct rd_slice){word->head, word->head_length} : word->text;
    return rd_hash(&tree->shard->store->seed, bytes.bytes, bytes.length);
}

static bool settle(struct rd_place_in *at) {
    at->item = at->offset < at->length ? at->run + at->offset : NULL;
    return at->item != NULL;
}

static void enter_leaf(struct rd_place_in *at) {
    const struct rd_blob *leaf = rd_place_leaf(at);
    at->run = leaf->bytes;
    at->length = leaf->length;
    at->offset = 0;
}

static void begin(const struct rd_tree *tree, struct rd_place_in *at) {
    /* Field by field: what is below the depth, and the marks, are not worth clearing for each that is looked for. */
    at->item = at->run = at->marked = NULL;
    at->index = RD_NO_INDEX;
    at->offset = at->length = at->mark = 0;
    at->nodes[0] = tree->root;
    at->depth = rd_tree_root(tree)->height + 1u;
}

/* To the child of a level that was chosen there. */
static void descend(struct rd_place_in *at, uint32_t level) {
    if (level + 1 < at->depth) at->nodes[level + 1] = rd_place_child(at, level)->node;
}

bool rd_tree_seek(const struct rd_tree *tree, uint64_t index, struct rd_place_in *at) {
    const struct rd_root *root = rd_tree_root(tree);
    begin(tree, at);
    at->index = index < root->count ? index : root->count;
    if (root->children == 0) return false;
    uint64_t left = at->index;
    for (uint32_t level = 0; level < at->depth; level++) {
        const struct rd_child *children = rd_node_children(at->nodes[level], level);
        uint32_t last = *rd_node_count(at->nodes[level], level) - 1, child = 0;
        while (child < last && left >= children[child].count) left -= children[child++].count;
        at->children[level] = child;
        descend(at, level);
    }
    enter_leaf(at);
    for (; left > 0; left--) at->offset += rd_item_room(at->run + at->offset, tree->parts);
    return settle(at);
}

/* To the front of the neighbour leaf (step 1), or of the one before (-1). */
static bool step_leaf(struct rd_place_in *at, int step) {
    uint32_t level = at->depth;
    for (;;) {
        if (level-- == 0) return false;
        uint32_t count = *rd_node_count(at->nodes[level], level);
        if (step > 0 ? at->children[level] + 1 < count : at->children[level] > 0) break;
    }
    at->children[level] += (uint32_t)step;
    uint32_t child = at->children[level];
    bool is_ahead = step > 0 ? child + AHEAD < *rd_node_count(at->nodes[level], level) : child >= AHEAD;
    if (is_ahead) __builtin_prefetch(rd_place_child(at, level)[step * AHEAD].node);
    for (; level + 1 < at->depth; level++) {
        descend(at, level);
        at->children[level + 1] = step > 0 ? 0 : *rd_node_count(at->nodes[level + 1], level + 1) - 1;
    }
    enter_leaf(at);
    return true;
}

bool rd_tree_next(const struct rd_tree *tree, struct rd_place_in *at) {
    if (!at->item) return false;
    at->marked = NULL; /* they are of what is before it */
    at->offset += rd_item_room(at->item, tree->parts);
    if (at->index != RD_NO_INDEX) at->index++;
    if (at->offset == at->length) step_leaf(at, 1);
    return settle(at);
}

/* Items between marks in a leaf as it mostly is. */
#define MARK_EVERY 8u

/* Notes where some of the leaf's items are; in one that is too long for it only its front. */
static void mark_leaf(const struct rd_tree *tree, struct rd_place_in *at) {
    uint64_t items = rd_tree_leaf_count(at), every = MARK_EVERY, number = 0;
    while (every * RD_LEAF_MARKS < items) every *= 2;
    at->marked = at->run;
    at->at_mark = 0;
    at->marks[0] = 0;
    if (at->length > UINT32_MAX) return;
    for (size_t offset = 0; offset < at->offset; number++) {
        if (number % every == 0) at->marks[at->at_mark = (uint32_t)(number / every)] = (uint32_t)offset;
        offset += rd_item_room(at->run + offset, tree->parts);
    }
}

bool rd_tree_previous(const struct rd_tree *tree, struct rd_place_in *at) {
    if (at->offset == 0) {
        if (rd_tree_root(tree)->children == 0 || !step_leaf(at, -1)) return false;
        at->offset = at->length;
        at->marked = NULL;
    }
    if (at->marked != at->run) mark_leaf(tree, at);
    while (at->at_mark > 0 && at->marks[at->at_mark] >= at->offset) at->at_mark--;
    size_t before = 0, offset = at->marks[at->at_mark];
    while (offset < at->offset) {
        before = offset;
        offset += rd_item_room(at->run + offset, tree->parts);
    }
    at->offset = before;
    if (at->index != RD_NO_INDEX) at->index--;
    return settle(at);
}

/* The last child whose key is not above; the first where there is none. */
static uint32_t child_for(const struct rd_child *children, uint32_t count, uint64_t key) {
    uint32_t low = 0, high = count; /* low's is not above, high's is, or neither is asked */
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (children[middle].key <= key) low = middle;
        else high = middle;
    }
    return low;
}

bool rd_tree_to_hash(const struct rd_tree *tree, uint64_t hash, struct rd_place_in *at) {
    begin(tree, at);
    if (rd_tree_root(tree)->children == 0) return false;
    for (uint32_t level = 0; level < at->depth; level++) {
        const struct rd_blob *node = at->nodes[level];
        at->children[level] = child_for(rd_node_children(node, level), *rd_node_count(node, level), hash);
        descend(at, level);
    }
    enter_leaf(at);
    settle(at);
    return true;
}

bool rd_tree_find(const struct rd_tree *tree, const struct rd_word *word, struct rd_place_in *at) {
    if (!rd_tree_to_hash(tree, hash_of_word(tree, word), at)) return false;
    while (at->offset < at->length) {
        const char *item = at->run + at->offset;
        if (rd_part_is(item, word)) {
            at->item = item;
            return true;
        }
        at->offset += rd_item_room(item, tree->parts);
    }
    at->item = NULL;
    return false;
}

bool rd_tree_next_leaf(const struct rd_tree *tree, struct rd_place_in *at, uint64_t *key) {
    (void)tree;
    uint32_t level = at->depth;
    while (level > 0 && at->children[level - 1] + 1 == *rd_node_count(at->nodes[level - 1], level - 1)) level--;
    if (level == 0) return false;
    *key = rd_node_children(at->nodes[level - 1], level - 1)[at->children[level - 1] + 1].key;
    step_leaf(at, 1);
    return settle(at);
}

struct rd_blob *rd_tree_leaf(const struct rd_place_in *at) {
    return rd_place_leaf(at);
}

uint64_t rd_tree_leaf_count(const struct rd_place_in *at) {
    return rd_place_child(at, at->depth - 1)->count;
}

int rd_item_compare(const char *item, double score, struct rd_slice member) {
    double own = rd_part_double(item + rd_part_room(item));
    if (own != score) return own < score ? -1 : 1;
    char digits[RD_I64_DIGITS];
    return rd_slice_order(rd_part_text(item, digits), member);
}

/* The first item below a child. */
static const char *first_below(const struct rd_child *child, uint32_t levels) {
    const struct rd_blob *node = child->node;
    for (; levels > 0; levels--) node = rd_node_children(node, 1)->node;
    return node->bytes;
}

/*
 * The last child whose first item is below the place that is looked for, or the first child: there the place is, at the
 * latest behind its last item. Where scores differ the keys say it, and among equal ones the items.
 */
static uint32_t child_for_score(const struct rd_child *children, uint32_t count, uint32_t levels, double score,
                                struct rd_slice member, bool after) {
    uint64_t key = rd_score_key(score);
    uint32_t low = 0, high = count;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        bool is_before = children[middle].key < key;
        if (children[middle].key == key) {
            int order = rd_item_compare(first_below(&children[middle], levels), score, member);
            is_before = order < 0 || (after && order == 0);
        }
        if (is_before) low = middle;
        else high = middle;
    }
    return low;
}

bool rd_tree_to_score(const struct rd_tree *tree, double score, struct rd_slice member, bool after, struct rd_place_in *at) {
    begin(tree, at);
    at->index = 0;
    if (rd_tree_root(tree)->children == 0) return false;
    for (uint32_t level = 0; level < at->depth; level++) {
        const struct rd_child *children = rd_node_children(at->nodes[level], level);
        uint32_t count = *rd_node_count(at->nodes[level], level);
        at->children[level] = child_for_score(children, count, at->depth - 1 - level, score, member, after);
        for (uint32_t i = 0; i < at->children[level]; i++) at->index += children[i].count;
        descend(at, level);
    }
    enter_leaf(at);
    while (at->offset < at->length) {
        const char *item = at->run + at->offset;
        int order = rd_item_compare(item, score, member);
        if (order > 0 || (order == 0 && !after)) break;
        at->offset += rd_item_room(item, tree->parts);
        at->index++;
    }
    return settle(at);
}

bool rd_tree_onward(const struct rd_tree *tree, struct rd_place_in *at) {
    if (!at->item && rd_tree_root(tree)->children) step_leaf(at, 1);
    return settle(at);
}
