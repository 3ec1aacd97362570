/* This file owns the packed form of an opened shape. */
#include "shape/packed.h"

#include <stdlib.h>

/* In front of the run in the scratch, whichever head is written there in the end. */
#define HEAD RD_PACKED_TIMED_HEAD
#define SCRATCH_LEAST 4096u

void rd_packed_open(struct rd_shape *shape, struct rd_slice value) {
    uint32_t count;
    size_t head = shape->kind & RD_SHAPE_TIMED ? RD_PACKED_TIMED_HEAD : RD_PACKED_HEAD;
    memcpy(&count, value.bytes + 1, sizeof count);
    shape->count = count;
    if (shape->kind & RD_SHAPE_TIMED) memcpy(&shape->next_expiry, value.bytes + RD_PACKED_HEAD, sizeof shape->next_expiry);
    shape->run = value.bytes + head;
    shape->length = value.length - head;
}

static bool make_room(struct rd_shape_scratch *scratch, size_t bytes) {
    if (bytes <= scratch->capacity) return true;
    size_t capacity = bytes + bytes / 2 < SCRATCH_LEAST ? SCRATCH_LEAST : bytes + bytes / 2;
    char *larger = realloc(scratch->bytes, capacity);
    if (!larger) return false;
    scratch->bytes = larger;
    scratch->capacity = capacity;
    return true;
}

static bool is_lifted(const struct rd_shape *shape) {
    return shape->scratch->bytes && shape->run == shape->scratch->bytes + HEAD;
}

static bool lift(struct rd_shape *shape, size_t more) {
    bool lifted = is_lifted(shape);
    if (!make_room(shape->scratch, HEAD + shape->length + more)) return false;
    char *run = shape->scratch->bytes + HEAD;
    if (!lifted && shape->length) memcpy(run, shape->run, shape->length);
    shape->run = run;
    return true;
}

bool rd_packed_lift(struct rd_shape *shape) {
    return lift(shape, 0);
}

bool rd_packed_edit(struct rd_shape *shape, size_t offset, size_t cut, struct rd_slice add, bool and_nothing) {
    size_t added = add.length + and_nothing;
    if (!lift(shape, added)) return false;
    char *at = shape->scratch->bytes + HEAD + offset;
    memmove(at + added, at + cut, shape->length - offset - cut);
    if (add.length) memcpy(at, add.bytes, add.length);
    if (and_nothing) at[add.length] = (char)RD_PART_NOTHING;
    shape->length += added - cut;
    shape->count = shape->count + (added > 0) - (cut > 0);
    shape->dirty = true;
    return true;
}

/* The run lies behind the room for what is added, and is moved over it item by item. */
bool rd_packed_widen(struct rd_shape *shape) {
    if (!lift(shape, shape->count)) return false;
    char *to = shape->scratch->bytes + HEAD, *from = to + shape->count;
    memmove(from, to, shape->length);
    for (uint64_t left = shape->count; left > 0; left--) {
        size_t room = rd_item_room(from, shape->parts);
        memmove(to, from, room);
        to += room;
        from += room;
        *to++ = (char)RD_PART_NOTHING;
    }
    shape->length += shape->count;
    shape->dirty = true;
    return true;
}

/* When the first field of the run expires: who took times away did not look for the others. */
static int64_t first_expiry(const struct rd_shape *shape) {
    int64_t first = INT64_MAX;
    for (size_t offset = 0; offset < shape->length; offset += rd_item_room(shape->run + offset, shape->parts)) {
        int64_t expiry = rd_field_expiry(shape, shape->run + offset);
        if (expiry && expiry < first) first = expiry;
    }
    return first;
}

struct rd_slice rd_packed_value(struct rd_shape *shape) {
    size_t head = shape->kind & RD_SHAPE_TIMED ? RD_PACKED_TIMED_HEAD : RD_PACKED_HEAD;
    char *value = shape->scratch->bytes + HEAD - head;
    uint32_t count = (uint32_t)shape->count;
    value[0] = (char)shape->kind;
    memcpy(value + 1, &count, sizeof count);
    if (shape->kind & RD_SHAPE_TIMED) {
        shape->next_expiry = first_expiry(shape);
        memcpy(value + RD_PACKED_HEAD, &shape->next_expiry, sizeof shape->next_expiry);
    }
    return (struct rd_slice){value, head + shape->length};
}

size_t rd_packed_place_of(const struct rd_shape *shape, int64_t integer) {
    size_t offset = 0;
    for (int64_t other; offset < shape->length; offset += rd_part_room(shape->run + offset)) {
        if (!rd_part_integer(shape->run + offset, &other) || other > integer) break;
    }
    return offset;
}
