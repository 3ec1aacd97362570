/* This file owns making the nodes of a tree. */
#include "shape/edit.h"
#include "store/room.h"

/*
 * Within the limit, or what the store may owe for a while; what takes the place of something larger may always be had. NULL
 * when memory is out. One reference, the caller's.
 */
static struct rd_blob *new_blob(const struct rd_tree *tree, uint64_t capacity, bool shrinks) {
    struct rd_store *store = tree->shard->store;
    struct rd_found *spare = tree->spare && tree->spare->entry ? tree->spare : NULL;
    bool has_room = tree->makes_no_room ? rd_room_may_receive(store, capacity) == RD_RECEIVE
                                        : rd_room_for_blob(tree->shard, capacity, spare) == RD_OK;
    bool may_owe = shrinks || (!tree->owes_nothing && rd_room_may_exceed(store, capacity));
    if (!has_room && !may_owe) return NULL;
    return rd_blob_new(&store->blobs, capacity, 0);
}

static struct rd_blob *new_node(const struct rd_tree *tree, uint64_t capacity, bool shrinks) {
    struct rd_blob *blob = new_blob(tree, capacity, shrinks);
    if (blob) rd_blob_attach(blob, tree->hash);
    return blob;
}

struct rd_blob *rd_new_leaf_of(const struct rd_tree *tree, size_t length, size_t capacity, bool shrinks) {
    struct rd_blob *leaf = new_node(tree, capacity, shrinks);
    if (leaf) leaf->length = length;
    return leaf;
}

struct rd_blob *rd_new_leaf(const struct rd_tree *tree, size_t length, bool shrinks) {
    return rd_new_leaf_of(tree, length, length + length / 8 + 32, shrinks);
}

struct rd_blob *rd_new_inner(const struct rd_tree *tree) {
    struct rd_blob *inner = new_node(tree, RD_INNER_BYTES, false);
    if (!inner) return NULL;
    inner->length = RD_INNER_BYTES;
    *(struct rd_inner *)inner->bytes = (struct rd_inner){0};
    return inner;
}

struct rd_blob *rd_tree_new_root(const struct rd_tree *tree, uint8_t kind, bool is_value) {
    struct rd_blob *blob = new_blob(tree, RD_ROOT_BYTES, false);
    if (!blob) return NULL;
    blob->length = RD_ROOT_BYTES;
    *(struct rd_root *)blob->bytes = (struct rd_root){.kind = kind, .next_expiry = INT64_MAX, .round_expiry = INT64_MAX};
    if (is_value) rd_blob_mark_root(blob);
    else rd_blob_attach(blob, tree->hash);
    return blob;
}
