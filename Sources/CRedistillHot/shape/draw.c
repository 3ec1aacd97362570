/* This file owns drawing items as a reply. */
#include "shape/draw.h"

/* So many items are drawn at once: some 100 us. */
#define DRAWN_AT_ONCE 4096u

static unsigned digits_of(size_t value) {
    unsigned digits = 1;
    for (; value >= 10; value /= 10) digits++;
    return digits;
}

size_t rd_draw_size(struct rd_slice items, uint8_t drawing) {
    size_t size = 0;
    char digits[RD_I64_DIGITS];
    const char *part = items.bytes, *end = items.bytes + items.length;
    while (part < end) {
        for (unsigned i = 0; i < (drawing & RD_DRAW_PARTS); i++) {
            if (drawing & RD_DRAW_FIRST << i) {
                size_t length = rd_part_text(part, digits).length;
                size += 1 + digits_of(length) + 2 + length + 2;
            }
            part += rd_part_room(part);
        }
    }
    return size;
}

static char *draw_part(const char *part, char *to) {
    char digits[RD_I64_DIGITS];
    struct rd_slice text = rd_part_text(part, digits);
    *to++ = '$';
    to = rd_format_u64(to, text.length);
    *to++ = '\r';
    *to++ = '\n';
    memcpy(to, text.bytes, text.length);
    to += text.length;
    *to++ = '\r';
    *to++ = '\n';
    return to;
}

void rd_draw(struct rd_slice items, uint8_t drawing, char *to) {
    const char *part = items.bytes, *end = items.bytes + items.length;
    while (part < end) {
        for (unsigned i = 0; i < (drawing & RD_DRAW_PARTS); i++) {
            if (drawing & RD_DRAW_FIRST << i) to = draw_part(part, to);
            part += rd_part_room(part);
        }
    }
}

static void draw_now(struct rd_reply *reply, struct rd_slice items, uint8_t drawing) {
    size_t size = rd_draw_size(items, drawing);
    char *to = rd_reply_room(reply, size);
    if (!to) return;
    rd_draw(items, drawing, to);
    reply->length += size;
}

/* Of the run at the place, so many items from it on, or all that it has; returns how many. */
static uint64_t stretch(const struct rd_place_in *at, uint8_t parts, uint64_t most, struct rd_slice *items) {
    size_t offset = at->offset;
    uint64_t count = 0;
    if (offset == 0 && at->depth && rd_tree_leaf_count(at) <= most) {
        *items = (struct rd_slice){at->run, at->length};
        return rd_tree_leaf_count(at);
    }
    for (; count < most && offset < at->length; count++) offset += rd_item_room(at->run + offset, parts);
    *items = (struct rd_slice){at->run + at->offset, offset - at->offset};
    return count;
}

void rd_shape_draw(struct rd_shape *shape, struct rd_reply *reply, uint64_t index, uint64_t count, unsigned shown, bool at_once) {
    uint8_t drawing = RD_DRAW_OF(shape->parts, shown);
    struct rd_place_in at;
    if (count == 0 || !rd_shape_seek(shape, index, &at)) return;
    bool refers = shape->tree.root && count > DRAWN_AT_ONCE && !at_once;
    for (;;) {
        struct rd_slice items;
        count -= stretch(&at, shape->parts, count, &items);
        if (refers) rd_reply_drawing(reply, rd_tree_leaf(&at), at.offset, items.length, drawing);
        else draw_now(reply, items, drawing);
        uint64_t key;
        if (count == 0 || !shape->tree.root || !rd_tree_next_leaf(&shape->tree, &at, &key)) return;
    }
}
