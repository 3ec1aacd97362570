/* This file owns the walk over a whole value: it reads as one of its kind, its nodes hang together, and all of it adds up. */
#include "memory/blobs.h"
#include "shape/node.h"

/* What a walk over everything adds up. */
struct tally {
    const struct rd_blobs *blobs; /* whose all nodes are */
    uint64_t items, bytes, timed;
    uint8_t parts;
    bool integers; /* every item is to be one */
    bool sound;
};

/* Its items end where it does. */
static void check_run(const char *run, uint64_t length, struct tally *tally) {
    uint64_t offset = 0;
    for (; offset < length; tally->items++) {
        int64_t integer;
        tally->sound &= !tally->integers || rd_part_integer(run + offset, &integer);
        for (uint8_t part = 0; part < tally->parts; part++) {
            if (offset >= length) {
                tally->sound = false;
                return;
            }
            tally->timed += part == 2 && !rd_part_is_nothing(run + offset);
            offset += rd_part_room(run + offset);
        }
    }
    tally->sound &= offset == length && length > 0;
    tally->bytes += length;
}

static void check_node(const struct rd_blob *node, uint32_t level, uint32_t height, struct tally *tally) {
    const struct rd_child *children = rd_node_children(node, level);
    uint32_t count = node->length == (level ? RD_INNER_BYTES : RD_ROOT_BYTES) ? *rd_node_count(node, level) : UINT32_MAX;
    tally->sound &= count <= RD_TREE_FANOUT && (level == 0 || count > 0);
    for (uint32_t i = 0; tally->sound && i < count; i++) {
        uint64_t before = tally->items;
        const struct rd_blob *child = children[i].node;
        tally->sound = rd_blobs_could_have(tally->blobs, child);
        if (!tally->sound) return;
        if (level < height) check_node(child, level + 1, height, tally);
        else check_run(child->bytes, child->length, tally);
        tally->sound &= tally->items - before == children[i].count && (i < 2 || children[i - 1].key <= children[i].key);
    }
}

static bool check_root(const struct rd_blob *blob, uint8_t parts, uint64_t *items) {
    const struct rd_root *root = (const struct rd_root *)blob->bytes;
    bool integers = (root->kind & RD_SHAPE_TYPE) == RD_VALUE_SET && root->kind & RD_SHAPE_INTEGERS;
    struct tally tally = {.blobs = blob->blobs, .parts = parts, .integers = integers, .sound = blob->length == RD_ROOT_BYTES};
    if (!tally.sound || root->height >= RD_TREE_LEVELS) return false;
    check_node(blob, 0, root->height, &tally);
    *items = tally.items;
    bool expires = root->next_expiry != INT64_MAX;
    tally.sound &= tally.timed == root->timed && expires == (tally.timed > 0) && (!expires || root->kind & RD_SHAPE_TIMED);
    return tally.sound && tally.items == root->count && tally.bytes == root->bytes;
}

static bool check_indexed(const struct rd_blob *blob) {
    const struct rd_root *root = (const struct rd_root *)blob->bytes;
    uint64_t items, members;
    if (!check_root(blob, rd_kind_parts(root->kind), &items)) return false;
    if ((root->kind & RD_SHAPE_TYPE) != RD_VALUE_ZSET) return !root->second;
    return rd_blobs_could_have(blob->blobs, root->second) && check_root(root->second, 2, &members) && members == items;
}

static bool check_packed(struct rd_slice value) {
    uint8_t kind = (uint8_t)*value.bytes;
    size_t head = kind & RD_SHAPE_TIMED ? RD_PACKED_TIMED_HEAD : RD_PACKED_HEAD;
    struct tally tally = {.parts = rd_kind_parts(kind), .integers = kind & RD_SHAPE_INTEGERS, .sound = value.length > head};
    if (!tally.sound) return false;
    uint32_t count;
    memcpy(&count, value.bytes + 1, sizeof count);
    check_run(value.bytes + head, value.length - head, &tally);
    return tally.sound && tally.items == count;
}

/* A type that there is, with marks that it may have. */
static bool is_kind(uint8_t kind) {
    unsigned type = kind & RD_SHAPE_TYPE, marks = kind & ~(RD_SHAPE_TYPE | RD_SHAPE_INDEXED);
    if (type < RD_VALUE_HASH || type > RD_VALUE_ZSET) return false;
    return marks == 0 || marks == (type == RD_VALUE_HASH ? RD_SHAPE_TIMED : type == RD_VALUE_SET ? RD_SHAPE_INTEGERS : 0);
}

bool rd_shape_check(const struct rd_entry *entry) {
    struct rd_slice value = rd_entry_value(entry);
    if (value.length == 0 || !is_kind((uint8_t)*value.bytes)) return false;
    return rd_entry_root(entry) ? check_indexed(rd_entry_value_blob(entry)) : check_packed(value);
}
