/* This file owns building a tree from items in its order. */
#include "shape/build.h"

#include "shape/edit.h"

void rd_builder_begin(struct rd_builder *builder, const struct rd_tree *tree) {
    bool is_full = tree->order == RD_BY_PLACE;
    builder->tree = tree;
    builder->items = builder->length = 0;
    builder->last = 0;
    builder->most = is_full ? RD_LEAF_BYTES : RD_LEAF_BYTES * 3 / 4;
    builder->most_items = is_full ? RD_LEAF_ITEMS : RD_LEAF_ITEMS * 3 / 4;
}

static bool append(const struct rd_tree *tree, struct rd_slice run, uint64_t items, uint64_t key) {
    struct rd_blob *leaf = rd_new_leaf(tree, run.length, false);
    if (!leaf) return false;
    memcpy(leaf->bytes, run.bytes, run.length);
    if (rd_tree_append(tree, leaf, items, key)) return true;
    rd_blob_detach(leaf);
    return false;
}

bool rd_builder_end(struct rd_builder *builder) {
    if (builder->items == 0) return true;
    struct rd_slice run = {builder->bytes, builder->length};
    if (!append(builder->tree, run, builder->items, builder->key)) return false;
    builder->items = builder->length = 0;
    return true;
}

/* Of one hash with the leaf that was filled last: it must be in that one, too. */
static bool add_to_last(struct rd_builder *builder, struct rd_slice item, uint64_t key) {
    struct rd_place_in at;
    rd_tree_to_hash(builder->tree, key, &at);
    at.offset = at.length;
    return rd_tree_edit(builder->tree, &at, 0, item, false);
}

bool rd_builder_add(struct rd_builder *builder, struct rd_slice item, uint64_t key) {
    const struct rd_tree *tree = builder->tree;
    bool is_full = builder->items == builder->most_items || builder->length + item.length > builder->most;
    if (is_full && !rd_builder_end(builder)) return false;
    bool is_like_last = tree->order == RD_BY_HASH && builder->items == 0 && rd_tree_root(tree)->children && key == builder->last;
    if (is_like_last) return add_to_last(builder, item, key);
    builder->last = key;
    if (item.length > builder->most) return append(tree, item, 1, key);
    if (builder->items == 0) builder->key = key;
    memcpy(builder->bytes + builder->length, item.bytes, item.length);
    builder->length += item.length;
    builder->items++;
    return true;
}

struct rd_blob *rd_build_memory(const struct rd_tree *tree, uint64_t items) {
    struct rd_tree sparing = *tree;
    sparing.makes_no_room = true;
    return rd_new_leaf_of(&sparing, 0, items * sizeof(struct rd_keyed), false);
}

bool rd_build_by_hash(const struct rd_tree *tree, struct rd_keyed *items, uint64_t count) {
    struct rd_builder builder;
    rd_keyed_sort(items, count);
    rd_builder_begin(&builder, tree);
    for (uint64_t i = 0; i < count; i++) {
        struct rd_slice item = {items[i].item, rd_item_room(items[i].item, tree->parts)};
        rd_keyed_ask_ahead(items, i, count);
        if (!rd_builder_add(&builder, item, items[i].key)) return false;
    }
    return rd_builder_end(&builder);
}
