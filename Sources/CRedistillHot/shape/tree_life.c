/* This file owns what happens to a tree as a whole: taken apart, copied, walked, looked through for a node. */
#include "shape/edit.h"

/* Frees what is below a node, as far as `most` goes; true when nothing is left below it. `levels` of inner nodes are. */
static bool empty_node(struct rd_blob *node, uint32_t level, uint32_t height, uint32_t *most) {
    uint32_t *count = rd_node_count(node, level);
    for (; *count > 0; --*count) {
        struct rd_blob *child = rd_node_children(node, level)[*count - 1].node;
        if (*most == 0) return false;
        if (level < height && !empty_node(child, level + 1, height, most)) return false;
        rd_blob_detach(child);
        if (*most) --*most;
    }
    return true;
}

void rd_node_free(struct rd_blob *node, uint32_t levels) {
    uint32_t most = UINT32_MAX;
    while (levels > 0 && !empty_node(node, 1, levels, &most)) most = UINT32_MAX;
    rd_blob_detach(node);
}

bool rd_tree_take_apart(struct rd_blob *blob, uint32_t *most) {
    struct rd_root *root = (struct rd_root *)blob->bytes;
    if (root->second) {
        struct rd_root *second = (struct rd_root *)root->second->bytes;
        if (!empty_node(root->second, 0, second->height, most)) return false;
        rd_blob_detach(root->second);
        root->second = NULL;
    }
    return empty_node(blob, 0, root->height, most);
}

static char *place_below(struct rd_blob *parent, uint32_t level, uint32_t height, const struct rd_blob *node) {
    struct rd_child *children = rd_node_children(parent, level);
    uint32_t count = *rd_node_count(parent, level);
    for (uint32_t i = 0; i < count; i++) {
        if (children[i].node == node) return (char *)&children[i].node;
    }
    for (uint32_t i = 0; level < height && i < count; i++) {
        char *place = place_below(children[i].node, level + 1, height, node);
        if (place) return place;
    }
    return NULL;
}

char *rd_tree_place_of(struct rd_blob *blob, const struct rd_blob *node) {
    struct rd_root *root = (struct rd_root *)blob->bytes;
    char *place = place_below(blob, 0, root->height, node);
    if (place || !root->second) return place;
    if (root->second == node) return (char *)&root->second;
    return place_below(root->second, 0, ((struct rd_root *)root->second->bytes)->height, node);
}

static struct rd_blob *copy_blob(struct rd_blobs *blobs, const struct rd_blob *from, uint64_t hash) {
    struct rd_blob *blob = rd_blob_new(blobs, from->length, 0);
    if (!blob) return NULL;
    memcpy(blob->bytes, from->bytes, from->length);
    blob->length = from->length;
    rd_blob_attach(blob, hash);
    return blob;
}

/* The node's children, which are another's, become copies of its own; false: it has those that memory sufficed for. */
static bool copy_children(struct rd_blobs *blobs, struct rd_blob *node, uint32_t level, uint32_t height, uint64_t hash) {
    struct rd_child *children = rd_node_children(node, level);
    uint32_t *count = rd_node_count(node, level), wanted = *count;
    for (*count = 0; *count < wanted; ++*count) {
        struct rd_blob *child = copy_blob(blobs, children[*count].node, hash);
        if (!child) return false;
        children[*count].node = child;
        if (level < height && !copy_children(blobs, child, level + 1, height, hash)) {
            ++*count; /* it is to be freed, too */
            return false;
        }
    }
    return true;
}

static bool copy_below(struct rd_blobs *blobs, struct rd_blob *copy, uint64_t hash) {
    return copy_children(blobs, copy, 0, ((struct rd_root *)copy->bytes)->height, hash);
}

struct rd_blob *rd_tree_copy(struct rd_blobs *blobs, const struct rd_blob *from, uint64_t hash) {
    struct rd_blob *copy = rd_blob_new(blobs, from->length, 0);
    if (!copy) return NULL;
    memcpy(copy->bytes, from->bytes, from->length);
    copy->length = from->length;
    rd_blob_mark_root(copy);
    struct rd_root *root = (struct rd_root *)copy->bytes;
    const struct rd_blob *second = root->second;
    root->second = NULL;
    bool copied = copy_below(blobs, copy, hash);
    if (copied && second) {
        root->second = copy_blob(blobs, second, hash);
        copied = root->second && copy_below(blobs, root->second, hash);
    }
    if (copied) return copy;
    rd_blob_release(copy);
    return NULL;
}

struct visit {
    void (*visit)(void *context, struct rd_blob *node);
    void *context;
};

static void visit_below(struct rd_blob *node, uint32_t level, uint32_t height, const struct visit *visit) {
    struct rd_child *children = rd_node_children(node, level);
    uint32_t count = *rd_node_count(node, level);
    for (uint32_t i = 0; i < count; i++) {
        if (level < height) visit_below(children[i].node, level + 1, height, visit);
        visit->visit(visit->context, children[i].node);
    }
}

void rd_tree_each_node(struct rd_blob *blob, void (*call)(void *context, struct rd_blob *node), void *context) {
    const struct visit visit = {call, context};
    const struct rd_root *root = (const struct rd_root *)blob->bytes;
    visit_below(blob, 0, root->height, &visit);
    if (!root->second) return;
    visit_below(root->second, 0, ((const struct rd_root *)root->second->bytes)->height, &visit);
    call(context, root->second);
}

/* What a walk over everything adds up. */
struct tally {
    uint64_t items, bytes, timed;
    uint8_t parts;
    bool sound;
};

static void check_leaf(const struct rd_blob *leaf, struct tally *tally) {
    size_t offset = 0;
    for (; offset < leaf->length; tally->items++) {
        const char *item = leaf->bytes + offset;
        tally->timed += tally->parts == 3 && !rd_part_is_nothing(item + rd_item_room(item, 2));
        offset += rd_item_room(item, tally->parts);
    }
    tally->sound &= offset == leaf->length && leaf->length > 0;
    tally->bytes += leaf->length;
}

static void check_node(const struct rd_blob *node, uint32_t level, uint32_t height, struct tally *tally) {
    const struct rd_child *children = rd_node_children(node, level);
    uint32_t count = *rd_node_count(node, level);
    tally->sound &= count <= RD_TREE_FANOUT && (level == 0 || count > 0);
    for (uint32_t i = 0; i < count && tally->sound; i++) {
        uint64_t before = tally->items;
        if (level < height) check_node(children[i].node, level + 1, height, tally);
        else check_leaf(children[i].node, tally);
        tally->sound &= tally->items - before == children[i].count && (i < 2 || children[i - 1].key <= children[i].key);
    }
}

static bool check_root(const struct rd_blob *blob, uint8_t parts, uint64_t *items) {
    const struct rd_root *root = (const struct rd_root *)blob->bytes;
    struct tally tally = {.parts = parts, .sound = true};
    check_node(blob, 0, root->height, &tally);
    *items = tally.items;
    bool expires = root->next_expiry != INT64_MAX;
    tally.sound &= tally.timed == root->timed && expires == (tally.timed > 0) && (!expires || root->kind & RD_SHAPE_TIMED);
    return tally.sound && tally.items == root->count && tally.bytes == root->bytes;
}

bool rd_tree_check(const struct rd_blob *blob) {
    const struct rd_root *root = (const struct rd_root *)blob->bytes;
    uint64_t items, members;
    if (!check_root(blob, rd_kind_parts(root->kind), &items)) return false;
    return !root->second || (check_root(root->second, 2, &members) && members == items);
}
