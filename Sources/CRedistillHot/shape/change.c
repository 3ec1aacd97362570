/* This file owns changing a shape: items added, replaced and taken out, in whichever form it is. */
#include "shape/indexed.h"
#include "shape/packed.h"

static uint8_t type_of(const struct rd_shape *shape) {
    return shape->kind & RD_SHAPE_TYPE;
}

/* Does a hash's item lack its time? */
static bool lacks_time(const struct rd_shape *shape, struct rd_slice item) {
    return shape->parts == 3 && rd_item_room(item.bytes, 2) == item.length;
}

static void note_time(struct rd_shape *shape, struct rd_slice item) {
    int64_t expiry = type_of(shape) == RD_VALUE_HASH && !lacks_time(shape, item) ? rd_field_expiry(shape, item.bytes) : 0;
    if (!expiry) return;
    shape->kind |= RD_SHAPE_TIMED;
    if (expiry < shape->next_expiry) shape->next_expiry = expiry;
    /* A round of removing what has expired may have passed the place. */
    struct rd_root *root = shape->tree.root ? rd_tree_root(&shape->tree) : NULL;
    if (root && expiry < root->round_expiry) root->round_expiry = expiry;
}

static bool is_long(const struct rd_shape *shape, struct rd_slice item) {
    if (item.length <= shape->limits.value) return false;
    size_t parts = type_of(shape) == RD_VALUE_HASH ? 2 : 1;
    char digits[RD_I64_DIGITS];
    for (const char *part = item.bytes; parts > 0; parts--, part += rd_part_room(part)) {
        if (rd_part_text(part, digits).length > shape->limits.value) return true;
    }
    return false;
}

bool rd_packed_is_outgrown(const struct rd_shape *shape, struct rd_slice item, uint64_t more, size_t bytes) {
    if (shape->kind & RD_SHAPE_INTEGERS) return shape->count + more > shape->limits.integers;
    return shape->count + more > shape->limits.entries || shape->length + bytes > shape->limits.bytes || is_long(shape, item);
}

bool rd_shape_add(struct rd_shape *shape, const struct rd_word *word, struct rd_slice item) {
    if (!word->is_integer) shape->kind &= (uint8_t)~RD_SHAPE_INTEGERS;
    if (!shape->tree.root && rd_packed_is_outgrown(shape, item, 1, item.length) && !rd_indexed_from_packed(shape)) return rd_shape_refuse(shape);
    bool and_nothing = lacks_time(shape, item);
    note_time(shape, item);
    if (!shape->tree.root) {
        size_t offset = shape->kind & RD_SHAPE_INTEGERS ? rd_packed_place_of(shape, word->integer) : shape->length;
        return rd_packed_edit(shape, offset, 0, item, and_nothing) || rd_shape_refuse(shape);
    }
    if (!rd_indexed_add(shape, item, and_nothing)) return rd_shape_refuse(shape);
    shape->dirty = true;
    shape->count++;
    return true;
}

bool rd_shape_insert(struct rd_shape *shape, struct rd_place_in *at, struct rd_slice item) {
    if (!shape->tree.root && rd_packed_is_outgrown(shape, item, 1, item.length)) {
        if (!rd_indexed_from_packed(shape)) return rd_shape_refuse(shape);
        rd_tree_seek(&shape->tree, at->index, at);
    }
    if (!shape->tree.root) {
        if (!rd_packed_edit(shape, at->offset, 0, item, false)) return rd_shape_refuse(shape);
        return rd_packed_settle(shape, at);
    }
    if (!rd_tree_edit(&shape->tree, at, 0, item, false)) return rd_shape_refuse(shape);
    shape->dirty = true;
    shape->count++;
    return rd_tree_seek(&shape->tree, at->index, at);
}

/* The same item, after the form has changed. */
static bool find_again(struct rd_shape *shape, struct rd_slice item, struct rd_place_in *at) {
    if (shape->tree.order == RD_BY_PLACE) return rd_tree_seek(&shape->tree, at->index, at);
    char digits[RD_I64_DIGITS];
    struct rd_word word = rd_word_of(rd_part_text(item.bytes, digits));
    return rd_tree_find(&shape->tree, &word, at);
}

/* After a change at a place of an indexed one. */
static void arrive(struct rd_shape *shape, struct rd_place_in *at) {
    if (at->index == RD_NO_INDEX) at->item = NULL;
    else rd_tree_seek(&shape->tree, at->index, at);
}

bool rd_shape_replace(struct rd_shape *shape, struct rd_place_in *at, struct rd_slice item) {
    size_t cut = rd_item_room(at->item, shape->parts);
    if (!shape->tree.root && rd_packed_is_outgrown(shape, item, 0, item.length > cut ? item.length - cut : 0)) {
        if (!rd_indexed_from_packed(shape) || !find_again(shape, item, at)) return rd_shape_refuse(shape);
        cut = rd_item_room(at->item, shape->parts);
    }
    bool and_nothing = lacks_time(shape, item);
    note_time(shape, item);
    if (!shape->tree.root) {
        if (!rd_packed_edit(shape, at->offset, cut, item, and_nothing)) return rd_shape_refuse(shape);
        return rd_packed_settle(shape, at);
    }
    if (!rd_tree_edit(&shape->tree, at, cut, item, and_nothing)) return rd_shape_refuse(shape);
    shape->dirty = true;
    arrive(shape, at);
    return true;
}

void rd_shape_erase(struct rd_shape *shape, struct rd_place_in *at) {
    size_t cut = rd_item_room(at->item, shape->parts);
    if (!shape->tree.root) {
        if (!rd_packed_edit(shape, at->offset, cut, (struct rd_slice){NULL, 0}, false)) {
            rd_shape_refuse(shape);
            return;
        }
        rd_packed_settle(shape, at);
        return;
    }
    if (!rd_tree_edit(&shape->tree, at, cut, (struct rd_slice){NULL, 0}, false)) {
        rd_shape_refuse(shape);
        return;
    }
    shape->dirty = true;
    shape->count--;
    arrive(shape, at);
}

bool rd_shape_own(struct rd_shape *shape, struct rd_place_in *at) {
    return rd_tree_edit(&shape->tree, at, 0, (struct rd_slice){NULL, 0}, false) || rd_shape_refuse(shape);
}

bool rd_shape_make_timed(struct rd_shape *shape) {
    if (!shape->tree.root && shape->parts == 2) {
        if (!rd_packed_widen(shape)) return rd_shape_refuse(shape);
        shape->parts = 3;
        shape->next_expiry = INT64_MAX;
    }
    shape->kind |= RD_SHAPE_TIMED;
    return true;
}
