/* This file owns changing a tree: items put in and taken out, leaves and inner nodes split and merged. */
#include "shape/edit.h"

#include <stdlib.h>

/* A leaf with less is joined with a neighbour, where both fit into one; so is an inner node with fewer children. */
#define LEAF_LEAST (RD_LEAF_BYTES / 4)
#define CHILDREN_LEAST (RD_TREE_FANOUT / 4)
#define CHILDREN_JOINED (RD_TREE_FANOUT * 3 / 4)

static uint64_t count_below(const struct rd_child *children, uint32_t count) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += children[i].count;
    return sum;
}

/* Nodes that splitting on the way up will take, had before anything changes. */
struct reserve {
    struct rd_blob *inner[RD_TREE_LEVELS + 1];
    uint32_t count;
};

static void give_back(struct reserve *reserve) {
    while (reserve->count) rd_blob_detach(reserve->inner[--reserve->count]);
}

/* What one more child at the deepest level takes. False: no memory, or the tree is as high as it may be. */
static bool reserve_for_child(const struct rd_tree *tree, const struct rd_place_in *at, struct reserve *reserve) {
    *reserve = (struct reserve){0};
    for (uint32_t level = at->depth; level-- > 0;) {
        if (*rd_node_count(at->nodes[level], level) < RD_TREE_FANOUT) return true;
        if (level == 0 && at->depth == RD_TREE_LEVELS) break;
        for (uint32_t nodes = level ? 1 : 2; nodes > 0; nodes--) {
            struct rd_blob *inner = rd_new_inner(tree);
            if (!inner) {
                give_back(reserve);
                return false;
            }
            reserve->inner[reserve->count++] = inner;
        }
        if (level == 0) return true;
    }
    give_back(reserve);
    return false;
}

static void put_child(struct rd_blob *node, uint32_t level, uint32_t place, struct rd_child child) {
    struct rd_child *children = rd_node_children(node, level);
    uint32_t *count = rd_node_count(node, level);
    memmove(children + place + 1, children + place, (*count - place) * sizeof *children);
    children[place] = child;
    ++*count;
}

static void move_children(struct rd_blob *to, uint32_t to_level, struct rd_blob *from, uint32_t level, uint32_t first) {
    uint32_t *count = rd_node_count(from, level), *to_count = rd_node_count(to, to_level), moved = *count - first;
    memcpy(rd_node_children(to, to_level) + *to_count, rd_node_children(from, level) + first, moved * sizeof(struct rd_child));
    *to_count += moved;
    *count = first;
}

/*
 * Puts a child behind the one at the place, whose count it has a part of already. `reserve` has the nodes that it takes.
 */
static void insert_child(const struct rd_place_in *at, uint32_t level, struct rd_child child, struct reserve *reserve) {
    struct rd_blob *node = at->nodes[level];
    uint32_t place = at->children[level] + 1, half = RD_TREE_FANOUT / 2;
    if (*rd_node_count(node, level) < RD_TREE_FANOUT) {
        put_child(node, level, place, child);
        return;
    }
    __builtin_assume(reserve->count > 0); /* for each node that is full; the analyzer can't see it */
    struct rd_blob *right = reserve->inner[--reserve->count], *left = node;
    struct rd_child *children = rd_node_children(node, level);
    uint64_t key = children[half].key;
    move_children(right, 1, node, level, half);
    if (level == 0) { /* the root stays where it is, above both halves */
        left = reserve->inner[--reserve->count];
        move_children(left, 1, node, 0, 0);
    }
    uint32_t left_level = level == 0 ? 1 : level;
    if (place <= half) put_child(left, left_level, place, child);
    else put_child(right, 1, place - half, child);
    uint64_t left_count = count_below(rd_node_children(left, left_level), *rd_node_count(left, left_level));
    uint64_t right_count = count_below(rd_node_children(right, 1), *rd_node_count(right, 1));
    if (level == 0) {
        struct rd_root *root = (struct rd_root *)node->bytes;
        root->height++;
        put_child(node, 0, 0, (struct rd_child){left, left_count, 0});
        put_child(node, 0, 1, (struct rd_child){right, right_count, key});
        return;
    }
    rd_place_child(at, level - 1)->count = left_count;
    insert_child(at, level - 1, (struct rd_child){right, right_count, key}, reserve);
}

struct cut_item {
    uint64_t hash;
    size_t offset, length; /* an item of two texts may have more than 4 GiB */
};

static int by_hash(const void *a, const void *b) {
    uint64_t left = ((const struct cut_item *)a)->hash, right = ((const struct cut_item *)b)->hash;
    return left < right ? -1 : left > right;
}

/* How a leaf is to be divided: the items from `first` on, in this order, go to the right one. */
struct division {
    struct cut_item *items;
    uint32_t count, first;
    size_t left_bytes, right_bytes;
    uint64_t key;
    bool is_full; /* the left one is not going to grow */
    struct rd_blob *memory; /* of the items, where a leaf could not be divided for long; NULL: they are the ones below */
    struct cut_item few[RD_LEAF_ITEMS + RD_LEAF_ITEMS / 2];
};

/* False: memory is short. */
static bool begin_division(const struct rd_tree *tree, uint64_t items, struct division *division) {
    division->memory = NULL;
    division->items = division->few;
    if (items <= sizeof division->few / sizeof division->few[0]) return true;
    division->memory = rd_new_leaf_of(tree, 0, items * sizeof *division->items, false);
    if (!division->memory) return false;
    division->items = (struct cut_item *)division->memory->bytes;
    return true;
}

static void end_division(struct division *division) {
    if (division->memory) rd_blob_detach(division->memory);
}

static bool list_items(const struct rd_tree *tree, const struct rd_blob *leaf, struct division *division) {
    division->count = 0;
    for (size_t offset = 0; offset < leaf->length; division->count++) {
        const char *item = leaf->bytes + offset;
        size_t room = rd_item_room(item, tree->parts);
        uint64_t hash = tree->order == RD_BY_HASH ? rd_tree_hash(tree, item) : 0;
        division->items[division->count] = (struct cut_item){hash, offset, room};
        offset += room;
    }
    return division->count > 1;
}

/* Where the bytes are halved, with an item on either side. */
static uint32_t middle_of(const struct division *division, size_t length) {
    size_t before = 0;
    uint32_t first = 0;
    while (first + 1 < division->count && before + division->items[first].length / 2 < length / 2) {
        before += division->items[first++].length;
    }
    return first ? first : 1;
}

/* Is the leaf no larger than it should be without that item, so that the others may stay together? */
static bool is_one_too_many(const struct division *division, uint32_t item, size_t length) {
    return division->count - 1 <= RD_LEAF_ITEMS && length - division->items[item].length <= RD_LEAF_BYTES;
}

/* Where a list grows at an end, its leaves are left full. */
static uint32_t division_at(const struct rd_tree *tree, const struct rd_place_in *at, const struct division *division, size_t length) {
    bool is_first = true, is_last = true;
    for (uint32_t level = 0; level < at->depth; level++) {
        is_first &= at->children[level] == 0;
        is_last &= at->children[level] + 1 == *rd_node_count(at->nodes[level], level);
    }
    uint32_t last = division->count - 1;
    bool appended = is_last && at->offset == division->items[last].offset;
    if (tree->order != RD_BY_HASH && appended && is_one_too_many(division, last, length)) return last;
    if (tree->order == RD_BY_PLACE && is_first && at->offset == 0 && is_one_too_many(division, 0, length)) return 1;
    return middle_of(division, length);
}

/* False: the items can't be told apart. */
static bool divide(const struct rd_tree *tree, const struct rd_place_in *at, const struct rd_blob *leaf, struct division *division) {
    if (!list_items(tree, leaf, division)) return false;
    division->is_full = false;
    if (tree->order == RD_BY_HASH) {
        qsort(division->items, division->count, sizeof division->items[0], by_hash);
        uint32_t first = middle_of(division, leaf->length);
        while (first < division->count && division->items[first].hash == division->items[first - 1].hash) first++;
        if (first == division->count) return false;
        division->first = first;
        division->key = division->items[first].hash;
    } else {
        division->first = division_at(tree, at, division, leaf->length);
        division->is_full = division->first + 1 == division->count;
        const char *item = leaf->bytes + division->items[division->first].offset;
        division->key = tree->order == RD_BY_SCORE ? rd_score_key(rd_part_double(item + rd_part_room(item))) : 0;
    }
    division->right_bytes = 0;
    for (uint32_t i = division->first; i < division->count; i++) division->right_bytes += division->items[i].length;
    division->left_bytes = leaf->length - division->right_bytes;
    return true;
}

static void copy_items(char *to, const struct rd_blob *leaf, const struct cut_item *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        memcpy(to, leaf->bytes + items[i].offset, items[i].length);
        to += items[i].length;
    }
}

static struct rd_blob *new_left(const struct rd_tree *tree, const struct division *division) {
    if (division->is_full) return rd_new_leaf_of(tree, division->left_bytes, division->left_bytes, false);
    return rd_new_leaf(tree, division->left_bytes, false);
}

/* The leaf at the place becomes two, if memory is to be had. */
static void replace_by_two(const struct rd_tree *tree, const struct rd_place_in *at, const struct division *division) {
    struct reserve reserve;
    struct rd_blob *leaf = rd_place_leaf(at), *left = NULL, *right = NULL;
    if (!reserve_for_child(tree, at, &reserve)) return;
    if ((right = rd_new_leaf(tree, division->right_bytes, false)) && (left = new_left(tree, division))) {
        copy_items(left->bytes, leaf, division->items, division->first);
        copy_items(right->bytes, leaf, division->items + division->first, division->count - division->first);
        struct rd_child *child = rd_place_child(at, at->depth - 1);
        uint64_t moved = division->count - division->first;
        child->node = left;
        child->count -= moved;
        insert_child(at, at->depth - 1, (struct rd_child){right, moved, division->key}, &reserve);
        rd_blob_detach(leaf);
    } else if (right) {
        rd_blob_detach(right);
    }
    give_back(&reserve);
}

/* The leaf at the place, which has become too large, in two; it stays as it is where memory is short. */
static void split_leaf(const struct rd_tree *tree, const struct rd_place_in *at) {
    struct division division;
    if (!begin_division(tree, rd_place_child(at, at->depth - 1)->count, &division)) return;
    if (divide(tree, at, rd_place_leaf(at), &division)) replace_by_two(tree, at, &division);
    end_division(&division);
}

/* While the root has one inner node alone, it takes that one's children. */
static void lower_root(struct rd_blob *blob) {
    struct rd_root *root = (struct rd_root *)blob->bytes;
    while (root->height > 0 && root->children == 1) {
        struct rd_blob *only = rd_node_children(blob, 0)[0].node;
        root->children = 0;
        move_children(blob, 0, only, 1, 0);
        root->height--;
        rd_blob_detach(only);
    }
    if (root->children == 0) root->height = 0;
}

static void join_inner(const struct rd_place_in *at, uint32_t level);

/* Takes the child out of its node, which is joined with a neighbour if few are left. The child is the caller's. */
static void remove_child(const struct rd_place_in *at, uint32_t level, uint32_t place) {
    struct rd_blob *node = at->nodes[level];
    struct rd_child *children = rd_node_children(node, level);
    uint32_t *count = rd_node_count(node, level);
    memmove(children + place, children + place + 1, (*count - place - 1) * sizeof *children);
    --*count;
    if (level == 0) lower_root(node);
    else if (*count < CHILDREN_LEAST) join_inner(at, level);
}

/* The node of a level has few children, or none. */
static void join_inner(const struct rd_place_in *at, uint32_t level) {
    struct rd_blob *node = at->nodes[level];
    uint32_t own = at->children[level - 1], siblings = *rd_node_count(at->nodes[level - 1], level - 1);
    struct rd_child *children = rd_node_children(at->nodes[level - 1], level - 1);
    if (*rd_node_count(node, level) == 0) {
        remove_child(at, level - 1, own);
        rd_blob_detach(node);
        return;
    }
    if (siblings == 1) return;
    uint32_t left = own + 1 < siblings ? own : own - 1;
    struct rd_blob *to = children[left].node, *from = children[left + 1].node;
    if (*rd_node_count(to, level) + *rd_node_count(from, level) > CHILDREN_JOINED) return;
    rd_node_children(from, level)[0].key = children[left + 1].key; /* it has one in front of it now */
    children[left].count += children[left + 1].count;
    move_children(to, level, from, level, 0);
    remove_child(at, level - 1, left + 1);
    rd_blob_detach(from);
}

static bool is_joinable(const struct rd_child *left, const struct rd_child *right) {
    return left->node->length + right->node->length <= RD_LEAF_BYTES * 3 / 4 && left->count + right->count <= RD_LEAF_ITEMS * 3 / 4;
}

/* The leaf at the place has become small: with a neighbour's items it makes one, where memory for that is to be had. */
static void join_leaf(const struct rd_tree *tree, const struct rd_place_in *at) {
    uint32_t level = at->depth - 1, own = at->children[level];
    struct rd_child *children = rd_node_children(at->nodes[level], level);
    uint32_t siblings = *rd_node_count(at->nodes[level], level), left = own;
    if (own + 1 == siblings || !is_joinable(&children[own], &children[own + 1])) {
        if (own == 0 || !is_joinable(&children[own - 1], &children[own])) return;
        left = own - 1;
    }
    struct rd_blob *first = children[left].node, *second = children[left + 1].node;
    struct rd_blob *joined = rd_new_leaf(tree, first->length + second->length, false);
    if (!joined) return;
    memcpy(joined->bytes, first->bytes, first->length);
    memcpy(joined->bytes + first->length, second->bytes, second->length);
    children[left].node = joined;
    children[left].count += children[left + 1].count;
    rd_blob_detach(first);
    remove_child(at, level, left + 1);
    rd_blob_detach(second);
}

void rd_tree_count(const struct rd_tree *tree, const struct rd_place_in *at, int64_t items, int64_t bytes) {
    struct rd_root *root = rd_tree_root(tree);
    for (uint32_t level = 0; level < at->depth; level++) rd_place_child(at, level)->count += (uint64_t)items;
    root->count += (uint64_t)items;
    root->bytes += (uint64_t)bytes;
}

static char *write_item(char *to, struct rd_slice add, bool and_nothing) {
    memcpy(to, add.bytes, add.length);
    to += add.length;
    if (and_nothing) *to++ = (char)RD_PART_NOTHING;
    return to;
}

/* The first leaf of an empty tree. */
static bool plant(const struct rd_tree *tree, struct rd_place_in *at) {
    struct rd_blob *leaf = rd_new_leaf(tree, 0, false);
    if (!leaf) return false;
    *at = (struct rd_place_in){.depth = 1, .index = 0, .run = leaf->bytes};
    at->nodes[0] = tree->root;
    put_child(tree->root, 0, 0, (struct rd_child){leaf, 0, 0});
    return true;
}

/* The leaf's bytes with the change in them: where they are if nobody else has them and they fit, else in another blob. */
static bool change_leaf(const struct rd_tree *tree, const struct rd_place_in *at, size_t cut, struct rd_slice add, bool and_nothing) {
    struct rd_child *child = rd_place_child(at, at->depth - 1);
    struct rd_blob *leaf = child->node;
    size_t added = add.length + and_nothing, rest = leaf->length - at->offset - cut, length = leaf->length - cut + added;
    if (rd_blob_is_sole(leaf) && length <= rd_blob_capacity(leaf)) {
        memmove(leaf->bytes + at->offset + added, leaf->bytes + at->offset + cut, rest);
        if (added) write_item(leaf->bytes + at->offset, add, and_nothing);
        leaf->length = length;
        return true;
    }
    struct rd_blob *other = rd_new_leaf(tree, length, added <= cut);
    if (!other) return false;
    memcpy(other->bytes, leaf->bytes, at->offset);
    char *end = other->bytes + at->offset;
    if (added) end = write_item(end, add, and_nothing);
    memcpy(end, leaf->bytes + at->offset + cut, rest);
    child->node = other;
    rd_blob_detach(leaf);
    return true;
}

void rd_tree_shrunk(const struct rd_tree *tree, const struct rd_place_in *at) {
    struct rd_blob *leaf = rd_place_leaf(at);
    if (leaf->length == 0) {
        remove_child(at, at->depth - 1, at->children[at->depth - 1]);
        rd_blob_detach(leaf);
    } else if (leaf->length < LEAF_LEAST) {
        join_leaf(tree, at);
    }
}

/* Is it a field with a time to live? */
static bool is_timed(const struct rd_tree *tree, const char *item) {
    return tree->parts == 3 && !rd_part_is_nothing(item + rd_item_room(item, 2));
}

bool rd_tree_edit(const struct rd_tree *tree, const struct rd_place_in *place, size_t cut, struct rd_slice add, bool and_nothing) {
    struct rd_place_in at = *place;
    if (rd_tree_root(tree)->children == 0 && !plant(tree, &at)) return false;
    bool adds_time = add.length && !and_nothing && is_timed(tree, add.bytes), cuts_time = cut && is_timed(tree, at.run + at.offset);
    if (!change_leaf(tree, &at, cut, add, and_nothing)) return false;
    size_t added = add.length + and_nothing;
    rd_tree_root(tree)->timed += (uint64_t)(adds_time - cuts_time);
    rd_tree_count(tree, &at, (int64_t)(added > 0) - (int64_t)(cut > 0), (int64_t)added - (int64_t)cut);
    const struct rd_child *child = rd_place_child(&at, at.depth - 1);
    bool is_large = child->node->length > RD_LEAF_BYTES || child->count > RD_LEAF_ITEMS;
    if (added > cut && is_large) split_leaf(tree, &at);
    else if (cut) rd_tree_shrunk(tree, &at);
    return true;
}

bool rd_tree_cut(const struct rd_tree *tree, const struct rd_place_in *at, uint64_t items, size_t bytes) {
    if (!change_leaf(tree, at, bytes, (struct rd_slice){NULL, 0}, false)) return false;
    rd_tree_count(tree, at, -(int64_t)items, -(int64_t)bytes);
    rd_tree_shrunk(tree, at);
    return true;
}

bool rd_tree_own_leaf(const struct rd_tree *tree, const struct rd_place_in *at) {
    return rd_blob_is_sole(rd_place_leaf(at)) || change_leaf(tree, at, 0, (struct rd_slice){NULL, 0}, false);
}

struct rd_blob *rd_tree_take_child(const struct rd_tree *tree, const struct rd_place_in *at, uint32_t level, uint64_t bytes) {
    struct rd_root *root = rd_tree_root(tree);
    struct rd_child child = *rd_place_child(at, level);
    for (uint32_t above = 0; above < level; above++) rd_place_child(at, above)->count -= child.count;
    root->count -= child.count;
    root->bytes -= bytes;
    remove_child(at, level, at->children[level]);
    return child.node;
}

bool rd_tree_append(const struct rd_tree *tree, struct rd_blob *leaf, uint64_t items, uint64_t key) {
    struct rd_root *root = rd_tree_root(tree);
    struct rd_place_in at;
    struct reserve reserve = {0};
    rd_tree_seek(tree, UINT64_MAX, &at);
    if (root->children && !reserve_for_child(tree, &at, &reserve)) return false;
    root->count += items;
    root->bytes += leaf->length;
    if (root->children == 0) {
        put_child(tree->root, 0, 0, (struct rd_child){leaf, items, 0});
        return true;
    }
    for (uint32_t level = 0; level + 1 < at.depth; level++) rd_place_child(&at, level)->count += items;
    insert_child(&at, at.depth - 1, (struct rd_child){leaf, items, key}, &reserve);
    give_back(&reserve);
    return true;
}
