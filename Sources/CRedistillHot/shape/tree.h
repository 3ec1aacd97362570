/*
 * This file owns the index of a large value: a tree of blobs whose leaves are runs of items, and whose inner nodes know
 * how many items are below each child, so that an item is found by its place in O(log n). Three orders are kept in it:
 *
 *   by place   the items stand as they were inserted (lists)
 *   by hash    of the first part; within a leaf in no order (hashes, sets, members of a sorted set)
 *   by score   (score, first part); the second part is the score
 *
 *    root                       inner                      leaf
 *   +---------+-------------+  +----------+-------------+  +------+------+------
 *   | rd_root | children... |  | how many | children... |  | item | item | ...
 *   +---------+-------------+  +----------+-------------+  +------+------+------
 *
 * A child has a node, a count and a key: no item below has a lower hash, or score, than the key, but for what is below the
 * first child. Nodes belong to the tree alone, but for leaves that a reply refers to, which are copied before they change.
 * A leaf may be larger than it should where its items cannot be told apart by hash, are large, or memory was short.
 *
 * With the lock of the key's shard held.
 */
#ifndef RD_TREE_H
#define RD_TREE_H

#include "shape/part.h"
#include "store/shaped.h"
#include "store/store.h"

#define RD_TREE_LEVELS 8
/* Children of a node, and bytes and items of a leaf, before it is split. A test makes them small, so that trees are high. */
#ifndef RD_TREE_FANOUT
#define RD_TREE_FANOUT 64u
#define RD_LEAF_BYTES 2048u
#define RD_LEAF_ITEMS 128u
#endif
#define RD_NO_INDEX UINT64_MAX
#define RD_LEAF_MARKS 16u

enum rd_tree_order {
    RD_BY_PLACE,
    RD_BY_HASH,
    RD_BY_SCORE,
};

struct rd_tree {
    struct rd_blob *root;    /* borrowed; never moves while the lock is held */
    struct rd_shard *shard;
    uint64_t hash;           /* of the key */
    struct rd_found *spare;  /* what survives making room, and is told if it moves; borrowed */
    uint8_t parts;           /* of an item */
    bool makes_no_room;      /* nothing may be evicted for what it takes */
    bool owes_nothing;       /* what has no room under the limit is refused at once */
    enum rd_tree_order order;
};

/* A place in a shape: on an item, or behind the last one. Valid until the shape is changed other than through it. */
struct rd_place_in {
    const char *item;      /* its parts; NULL: behind the last one */
    uint64_t index;        /* how many items are before it; RD_NO_INDEX where it was found by its hash */
    /* The shape's own. */
    const char *run;       /* of the leaf, or packed */
    size_t offset, length; /* of the item in the run, and of the run */
    size_t mark;           /* packed: of an item some way before it, from which going backwards finds the one before; 0: the front */
    struct rd_blob *nodes[RD_TREE_LEVELS]; /* from the root on */
    uint32_t children[RD_TREE_LEVELS];     /* which child of each */
    uint32_t depth;        /* of those */
    /* Going backwards through a leaf: where some of its items are, so that one before another is a few steps from there. */
    uint32_t at_mark;             /* the one that was used last */
    const char *marked;           /* the run that these are of; NULL: none */
    uint32_t marks[RD_LEAF_MARKS];
};

/* An empty root, marked as one where it is to be a value's; one reference, the caller's. NULL when memory is out. */
struct rd_blob *rd_tree_new_root(const struct rd_tree *tree, uint8_t kind, bool is_value);

static inline struct rd_root *rd_tree_root(const struct rd_tree *tree) {
    return (struct rd_root *)tree->root->bytes;
}

/* The item of that index; false, and behind the last one, where there is none. */
bool rd_tree_seek(const struct rd_tree *tree, uint64_t index, struct rd_place_in *at);
/* The next, and the one before; false at the end, behind the last one, and at the front, where it stays. */
bool rd_tree_next(const struct rd_tree *tree, struct rd_place_in *at);
bool rd_tree_previous(const struct rd_tree *tree, struct rd_place_in *at);

/* By hash: to the front of the leaf that the hash belongs to. False: the tree is empty. */
bool rd_tree_to_hash(const struct rd_tree *tree, uint64_t hash, struct rd_place_in *at);
/* By hash: the item with that first part. False: `at` is where it would be added. */
bool rd_tree_find(const struct rd_tree *tree, const struct rd_word *word, struct rd_place_in *at);
/* By hash: to the front of the next leaf, and the key that it begins with. False: it was the last one. */
bool rd_tree_next_leaf(const struct rd_tree *tree, struct rd_place_in *at, uint64_t *key);
/* The leaf that a place is in, and how many items that has. */
struct rd_blob *rd_tree_leaf(const struct rd_place_in *at);
uint64_t rd_tree_leaf_count(const struct rd_place_in *at);
/*
 * By score: in front of the first item that is not below (score, member), or with `after` is above; where it would be
 * added. That may be behind the last item of a leaf, in front of the next one's first: false, and rd_tree_onward goes
 * there. The index is set.
 */
bool rd_tree_to_score(const struct rd_tree *tree, double score, struct rd_slice member, bool after, struct rd_place_in *at);
/* From behind a leaf's last item to the next item; false: there is none. */
bool rd_tree_onward(const struct rd_tree *tree, struct rd_place_in *at);

/*
 * At the place: takes out `cut` bytes, which are the item there or nothing, and puts the item `add` in, if it is not
 * empty, with one part of nothing behind it if `and_nothing`. The place is nowhere after it. False: no memory, no change.
 */
bool rd_tree_edit(const struct rd_tree *tree, const struct rd_place_in *at, size_t cut, struct rd_slice add, bool and_nothing);

uint64_t rd_tree_hash(const struct rd_tree *tree, const char *part);

/* Is (score, member) of the item below that one (< 0), the same, or above (> 0)? */
int rd_item_compare(const char *item, double score, struct rd_slice member);

/* For the table of slots. */
bool rd_tree_take_apart(struct rd_blob *root, uint32_t *most);
char *rd_tree_place_of(struct rd_blob *root, const struct rd_blob *node);
struct rd_blob *rd_tree_copy(struct rd_blobs *blobs, const struct rd_blob *root, uint64_t hash);
void rd_tree_each_node(struct rd_blob *root, void (*visit)(void *context, struct rd_blob *node), void *context);
bool rd_tree_check(const struct rd_blob *root);

/* Parts of an item of a value that begins with that byte. */
static inline uint8_t rd_kind_parts(uint8_t kind) {
    switch (kind & RD_SHAPE_TYPE) {
    case RD_VALUE_HASH: return kind & (RD_SHAPE_TIMED | RD_SHAPE_INDEXED) ? 3 : 2;
    case RD_VALUE_ZSET: return 2;
    default: return 1;
    }
}

/* Bytes of an item of so many parts. */
static inline size_t rd_item_room(const char *item, uint8_t parts) {
    const char *end = item;
    for (uint8_t i = 0; i < parts; i++) end += rd_part_room(end);
    return (size_t)(end - item);
}

#endif
