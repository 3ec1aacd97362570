/* This file owns removing the fields of a hash whose time is over. Nothing else may move or go for it. */
#include <stdlib.h>

#include "shape/indexed.h"

/* Leaves looked at, and fields removed, in one go of a large hash: some 100 us, and 300. */
#define LEAVES 128
#define REMOVALS 1024

static int64_t time_of(const char *item) {
    int64_t expiry;
    return rd_part_integer(rd_part_after(rd_part_after(item)), &expiry) ? expiry : INT64_MAX;
}

/* True when none is left. Without memory all stay, and it is tried again. */
static bool expire_packed(struct rd_shard *shard, uint64_t hash, struct rd_found *found, int64_t now) {
    struct rd_slice value = rd_entry_value(found->entry);
    char *kept = malloc(value.length);
    if (!kept) return false;
    int64_t next = INT64_MAX;
    uint32_t count = 0;
    char *end = kept + RD_PACKED_TIMED_HEAD;
    for (size_t offset = RD_PACKED_TIMED_HEAD, room; offset < value.length; offset += room) {
        const char *item = value.bytes + offset;
        room = rd_item_room(item, 3);
        if (time_of(item) <= now) continue;
        if (time_of(item) < next) next = time_of(item);
        memcpy(end, item, room);
        end += room;
        count++;
    }
    kept[0] = value.bytes[0];
    memcpy(kept + 1, &count, sizeof count);
    memcpy(kept + RD_PACKED_HEAD, &next, sizeof next);
    uint64_t over = rd_entry_items(found->entry) - count;
    bool is_done = count == 0 || rd_shard_shrink(shard, hash, found, (struct rd_slice){kept, (size_t)(end - kept)}) == RD_OK;
    if (is_done) rd_counter_add(&shard->expired_fields, over);
    free(kept);
    return count == 0;
}

/*
 * Removes what has expired in the leaf of that key, as far as `left` goes, and notes the first time among the others. False:
 * it is not through with the leaf.
 */
static bool expire_leaf(const struct rd_tree *tree, uint64_t key, int64_t now, uint32_t *left) {
    struct rd_root *root = rd_tree_root(tree);
    struct rd_place_in at;
    bool is_there = rd_tree_to_hash(tree, key, &at);
    while (is_there && at.offset < at.length) {
        at.item = at.run + at.offset;
        size_t room = rd_item_room(at.item, tree->parts);
        if (time_of(at.item) > now) {
            if (time_of(at.item) < root->round_expiry) root->round_expiry = time_of(at.item);
            at.offset += room;
            continue;
        }
        if (*left == 0 || !rd_tree_edit(tree, &at, room, (struct rd_slice){NULL, 0}, false)) return false;
        --*left;
        is_there = rd_tree_to_hash(tree, key, &at); /* from its front, since it may be joined with its neighbour now */
    }
    return true;
}

/* A round goes through all leaves, some in each call, until the first time of all that are left is known. */
static bool expire_indexed(struct rd_shard *shard, uint64_t hash, struct rd_found *found, int64_t now) {
    struct rd_root *root = rd_entry_root(found->entry);
    struct rd_tree tree = {.root = rd_entry_value_blob(found->entry), .shard = shard, .hash = hash, .parts = 3,
                           .makes_no_room = true, .order = RD_BY_HASH};
    uint64_t before = rd_entry_weight(found->entry);
    bool was_timed = rd_entry_is_timed(found->entry);
    uint32_t left = REMOVALS;
    for (uint32_t leaves = 0; leaves < LEAVES && root->count && expire_leaf(&tree, root->round_at, now, &left); leaves++) {
        struct rd_place_in at;
        if (rd_tree_to_hash(&tree, root->round_at, &at) && rd_tree_next_leaf(&tree, &at, &root->round_at)) continue;
        root->next_expiry = root->round_expiry;
        root->round_expiry = INT64_MAX;
        root->round_at = 0;
        break;
    }
    if (left == REMOVALS) return root->count == 0;
    rd_counter_add(&shard->expired_fields, REMOVALS - left);
    if (!root->timed) root->next_expiry = INT64_MAX; /* the round need not go on */
    rd_shard_recount(shard, found->entry, before, was_timed);
    if (root->count) rd_shard_changed(shard, hash, found->entry, RD_CHANGE_VALUE);
    return root->count == 0;
}

bool rd_shape_expire(struct rd_shard *shard, uint64_t hash, struct rd_found *found, int64_t now) {
    if (rd_entry_root(found->entry)) return expire_indexed(shard, hash, found, now);
    return expire_packed(shard, hash, found, now);
}
