/* This file owns walks over all items, and all nodes, of a value. */
#include "shape/look.h"

#include "base/digest.h"
#include "shape/node.h"

/* An odd number with bits all over: the first 64 of the golden ratio. */
#define MULTIPLIER 0x9e3779b97f4a7c15u

struct walk {
    rd_item_look_fn *look;
    void *context;
    uint8_t parts;
    uint64_t footprint;
};

static void look_at_run(const struct walk *walk, struct rd_slice run) {
    for (size_t offset = 0; offset < run.length; offset += rd_item_room(run.bytes + offset, walk->parts)) {
        walk->look(walk->context, run.bytes + offset, walk->parts);
    }
}

static void look_below(struct walk *walk, const struct rd_blob *node, uint32_t level, uint32_t height) {
    const struct rd_child *children = rd_node_children(node, level);
    uint32_t count = *rd_node_count(node, level);
    for (uint32_t i = 0; i < count; i++) {
        const struct rd_blob *child = children[i].node;
        walk->footprint += rd_blob_footprint(child);
        if (level < height) look_below(walk, child, level + 1, height);
        else if (walk->look) look_at_run(walk, (struct rd_slice){child->bytes, child->length});
    }
}

void rd_shape_look(const struct rd_entry *entry, rd_item_look_fn *look, void *context) {
    uint8_t kind = rd_entry_kind(entry);
    struct walk walk = {.look = look, .context = context, .parts = rd_kind_parts(kind)};
    const struct rd_root *root = rd_entry_root(entry);
    if (root) {
        look_below(&walk, rd_entry_value_blob(entry), 0, root->height);
        return;
    }
    struct rd_slice value = rd_entry_value(entry);
    size_t head = kind & RD_SHAPE_TIMED ? RD_PACKED_TIMED_HEAD : RD_PACKED_HEAD;
    look_at_run(&walk, (struct rd_slice){value.bytes + head, value.length - head});
}

uint64_t rd_shape_footprint(const struct rd_entry *entry) {
    const struct rd_root *root = rd_entry_root(entry);
    struct walk walk = {0};
    if (!root) return 0;
    look_below(&walk, rd_entry_value_blob(entry), 0, root->height);
    if (!root->second) return walk.footprint;
    look_below(&walk, root->second, 0, ((const struct rd_root *)root->second->bytes)->height);
    return walk.footprint + rd_blob_footprint(root->second);
}

struct digest {
    uint64_t sum;
    bool ordered;
};

/* A score has no text, and a time may be missing. */
static uint64_t digest_of_part(const char *part) {
    char digits[RD_I64_DIGITS];
    double value;
    if ((uint8_t)*part != RD_PART_DOUBLE) return rd_digest(rd_part_text(part, digits));
    value = rd_part_double(part);
    return rd_digest((struct rd_slice){(const char *)&value, sizeof value});
}

static void add_item(void *context, const char *item, uint8_t parts) {
    struct digest *digest = context;
    uint64_t sum = 0;
    for (uint8_t i = 0; i < parts; i++, item += rd_part_room(item)) {
        if (!rd_part_is_nothing(item)) sum = (sum + digest_of_part(item)) * MULTIPLIER;
    }
    digest->sum = digest->ordered ? (digest->sum + sum) * MULTIPLIER : digest->sum ^ sum;
}

uint64_t rd_shape_digest(const struct rd_entry *entry) {
    enum rd_type_of_value type = rd_entry_type(entry);
    struct digest digest = {.ordered = type == RD_VALUE_LIST};
    rd_shape_look(entry, add_item, &digest);
    return digest.sum + (uint64_t)type;
}
