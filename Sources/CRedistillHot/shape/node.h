/* This file owns how the inner nodes of a tree lie in their blobs. */
#ifndef RD_NODE_H
#define RD_NODE_H

#include "shape/keyed.h"
#include "shape/tree.h"

struct rd_child {
    struct rd_blob *node; /* owned: a key's reference */
    uint64_t count;       /* items below */
    uint64_t key;         /* see tree.h; of the first child of a node it says nothing */
};

/* An inner node that is not the root. */
struct rd_inner {
    uint32_t children;
    uint32_t unused;
    struct rd_child at[];
};

#define RD_ROOT_BYTES (sizeof(struct rd_root) + RD_TREE_FANOUT * sizeof(struct rd_child))
#define RD_INNER_BYTES (sizeof(struct rd_inner) + RD_TREE_FANOUT * sizeof(struct rd_child))

/* Of the node at a level, 0 being the root. */
static inline struct rd_child *rd_node_children(const struct rd_blob *node, uint32_t level) {
    return (struct rd_child *)(node->bytes + (level ? sizeof(struct rd_inner) : sizeof(struct rd_root)));
}

static inline uint32_t *rd_node_count(const struct rd_blob *node, uint32_t level) {
    return level ? &((struct rd_inner *)node->bytes)->children : &((struct rd_root *)node->bytes)->children;
}

static inline struct rd_child *rd_place_child(const struct rd_place_in *at, uint32_t level) {
    return &rd_node_children(at->nodes[level], level)[at->children[level]];
}

/* The leaf that the place is in. */
static inline struct rd_blob *rd_place_leaf(const struct rd_place_in *at) {
    return rd_place_child(at, at->depth - 1)->node;
}

#endif
