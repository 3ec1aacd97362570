/* This file owns taking many items at once out of an index by hash. */
#include "shape/edit.h"
#include "shape/range.h"

/* More of them are told apart by their hashes first. */
#define COMPARED_MOST 3
/* So many items ahead are asked for. */
#define AHEAD 64

/* Those of the sorted items that belong into one leaf. */
struct group {
    const struct rd_keyed *items;
    uint64_t count;
    uint64_t seen[4]; /* the lowest byte of each hash, as a bit: most others are told by it */
};

/* Where the leaves behind the place's begin; false: it is the last one. */
static bool key_behind(const struct rd_place_in *at, uint64_t *key) {
    for (uint32_t level = at->depth; level-- > 0;) {
        if (at->children[level] + 1 == *rd_node_count(at->nodes[level], level)) continue;
        *key = rd_place_child(at, level)[1].key;
        return true;
    }
    return false;
}

static struct group group_at(const struct rd_place_in *at, const struct rd_keyed *items, uint64_t count) {
    struct group group = {.items = items};
    uint64_t end;
    bool is_last = !key_behind(at, &end);
    for (; group.count < count && (is_last || items[group.count].key < end); group.count++) {
        uint64_t hash = items[group.count].key;
        group.seen[hash >> 6 & 3] |= 1ull << (hash & 63);
    }
    return group;
}

/* The first of the group with this hash, or one that is not below; the count: there is none. */
static uint64_t first_with(const struct group *group, uint64_t hash) {
    uint64_t low = 0, high = group->count;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (group->items[middle].key < hash) low = middle + 1;
        else high = middle;
    }
    return low;
}

static bool is_of(const struct rd_tree *tree, const struct group *group, const char *item) {
    if (group->count <= COMPARED_MOST) {
        for (uint64_t i = 0; i < group->count; i++) {
            if (rd_part_same(item, group->items[i].item)) return true;
        }
        return false;
    }
    uint64_t hash = rd_tree_hash(tree, item);
    if (!(group->seen[hash >> 6 & 3] >> (hash & 63) & 1)) return false;
    for (uint64_t i = first_with(group, hash); i < group->count && group->items[i].key == hash; i++) {
        if (rd_part_same(item, group->items[i].item)) return true;
    }
    return false;
}

/* What stays of the place's leaf moves together, a stretch at a time. */
static void erase_group(const struct rd_tree *tree, const struct rd_place_in *at, const struct group *group) {
    struct rd_blob *leaf = rd_place_leaf(at);
    size_t offset = 0, from = 0, kept = 0, length = leaf->length;
    int64_t erased = 0;
    while (offset < length && erased < (int64_t)group->count) {
        const char *item = leaf->bytes + offset;
        size_t room = rd_item_room(item, tree->parts);
        if (is_of(tree, group, item)) {
            memmove(leaf->bytes + kept, leaf->bytes + from, offset - from);
            kept += offset - from;
            from = offset + room;
            erased++;
        }
        offset += room;
    }
    memmove(leaf->bytes + kept, leaf->bytes + from, length - from);
    leaf->length = kept + length - from;
    rd_tree_count(tree, at, -erased, (int64_t)leaf->length - (int64_t)length);
    rd_tree_shrunk(tree, at);
}

void rd_tree_erase_keyed(const struct rd_tree *tree, struct rd_keyed *items, uint64_t count) {
    rd_keyed_sort(items, count);
    for (uint64_t done = 0, asked = 0; done < count;) {
        struct rd_place_in at;
        if (!rd_tree_to_hash(tree, items[done].key, &at)) return;
        struct group group = group_at(&at, items + done, count - done);
        for (done += group.count; asked < count && asked < done + AHEAD; asked++) __builtin_prefetch(items[asked].item);
        erase_group(tree, &at, &group);
    }
}
