/* This file owns the reply encoders that are not on the shortest path, and the reply buffer's memory. */
#include "resp/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error_codes.h"

#define FIRST_CAPACITY (64u << 10)

/* Only the first time: afterwards nothing grows. */
static char *fail(struct rd_reply *reply, bool too_long) {
    reply->too_long = too_long;
    reply->failed = true;
    if (reply->owner && reply->owner->failed) reply->owner->failed(reply->owner);
    return NULL;
}

/* May the buffer and the list of blobs take so many bytes together? */
static bool may_take(struct rd_reply *reply, size_t bytes, size_t *most) {
    *most = reply->owner ? reply->owner->most(reply->owner) : 0;
    size_t references = reply->blob_count * sizeof *reply->blobs;
    return *most == 0 || (bytes <= *most && references <= *most - bytes);
}

char *rd_reply_grow(struct rd_reply *reply, size_t bytes) {
    size_t capacity = reply->capacity ? reply->capacity : FIRST_CAPACITY, most;
    if (reply->failed) return NULL;
    if (bytes > SIZE_MAX / 4 - reply->length) return fail(reply, false);
    size_t wanted = reply->length + bytes;
    if (!may_take(reply, wanted, &most)) return fail(reply, true);
    while (capacity < wanted) capacity *= 2;
    if (most && capacity > most) capacity = most; /* what is beyond would be resident for nothing */
    char *grown = realloc(reply->bytes, capacity);
    if (!grown) return fail(reply, false);
    reply->bytes = grown;
    reply->capacity = capacity;
    return grown + reply->length;
}

void rd_reply_truncate(struct rd_reply *reply, size_t length, uint32_t blobs) {
    while (reply->blob_count > blobs) rd_blob_release(reply->blobs[--reply->blob_count].blob);
    reply->length = length;
}

void rd_reply_append(struct rd_reply *reply, const struct rd_reply *other) {
    if (other->failed) fail(reply, reply->too_long | other->too_long);
    struct rd_reply_walk walk = {.to = other->length, .end_blob = other->blob_count};
    for (struct rd_reply_part part; !reply->failed && rd_reply_next(other, &walk, &part);) {
        if (part.blob) rd_reply_drawing(reply, part.blob, part.offset, part.length, part.drawing);
        else rd_reply_raw(reply, part.bytes, part.length);
    }
}

void rd_reply_shrink(struct rd_reply *reply, size_t bytes) {
    if (reply->capacity <= bytes) return;
    free(reply->bytes);
    reply->bytes = NULL;
    reply->capacity = 0;
}

void rd_reply_free(struct rd_reply *reply) {
    rd_reply_truncate(reply, 0, 0);
    free(reply->bytes);
    free(reply->blobs);
    *reply = (struct rd_reply){0};
}

void rd_reply_ok(struct rd_reply *reply) {
    rd_reply_literal(reply, "+OK\r\n");
}

void rd_reply_simple(struct rd_reply *reply, const char *text, size_t length) {
    char *at = rd_reply_room(reply, length + 3);
    if (!at) return;
    *at = '+';
    memcpy(at + 1, text, length);
    memcpy(at + 1 + length, "\r\n", 2);
    reply->length += length + 3;
}

void rd_reply_error(struct rd_reply *reply, const char *text, size_t length) {
    if (reply->errors) {
        rd_counter_add(reply->errors, 1);
        rd_error_codes_add(reply->error_codes, text, length);
    }
    char *at = rd_reply_room(reply, length + 3);
    if (!at) return;
    *at = '-';
    /* A line end inside would end the reply early; Redis puts spaces there too. */
    for (size_t i = 0; i < length; i++) at[1 + i] = text[i] == '\r' || text[i] == '\n' ? ' ' : text[i];
    memcpy(at + 1 + length, "\r\n", 2);
    reply->length += length + 3;
}

void rd_reply_format_error(struct rd_reply *reply, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0) length = 0;
    rd_reply_error(reply, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

void rd_reply_bulk(struct rd_reply *reply, const char *bytes, size_t length) {
    rd_reply_bulk_inline(reply, bytes, length);
}

static bool grow_references(struct rd_reply *reply) {
    uint32_t capacity = reply->blob_capacity ? reply->blob_capacity * 2 : 16;
    size_t most;
    if (reply->failed) return false;
    if (!may_take(reply, reply->length, &most)) return fail(reply, true);
    struct rd_reply_blob *grown = realloc(reply->blobs, capacity * sizeof *grown);
    if (!grown) return fail(reply, false);
    reply->blobs = grown;
    reply->blob_capacity = capacity;
    return true;
}

void rd_reply_drawing(struct rd_reply *reply, struct rd_blob *blob, size_t offset, size_t length, uint8_t drawing) {
    if (reply->blob_count == reply->blob_capacity && !grow_references(reply)) return;
    reply->blobs[reply->blob_count++] = (struct rd_reply_blob){reply->length, rd_blob_retain(blob), offset, length, drawing};
}

void rd_reply_reference(struct rd_reply *reply, struct rd_blob *blob, size_t offset, size_t length) {
    rd_reply_drawing(reply, blob, offset, length, 0);
}

void rd_reply_blob_part(struct rd_reply *reply, struct rd_blob *blob, size_t offset, size_t length) {
    if (length < RD_REPLY_BY_REFERENCE) {
        rd_reply_bulk_inline(reply, blob->bytes + offset, length);
        return;
    }
    rd_reply_header(reply, '$', (int64_t)length);
    rd_reply_reference(reply, blob, offset, length);
    rd_reply_literal(reply, "\r\n");
}

void rd_reply_blob(struct rd_reply *reply, struct rd_blob *blob) {
    rd_reply_blob_part(reply, blob, 0, blob->length);
}

void rd_reply_advance(const struct rd_reply *reply, struct rd_reply_walk *walk, size_t bytes) {
    struct rd_reply_part part;
    while (bytes && rd_reply_next(reply, walk, &part)) {
        if (part.length <= bytes) {
            bytes -= part.length;
            continue;
        }
        /* It ends within this one: what is left of it comes next. */
        if (part.blob) {
            walk->blob--;
            walk->skip = part.offset + bytes - reply->blobs[walk->blob].offset;
        } else {
            walk->at -= part.length - bytes;
        }
        return;
    }
}

void rd_reply_verbatim(struct rd_reply *reply, const char *text, size_t length) {
    if (reply->protocol < 3) {
        rd_reply_bulk_inline(reply, text, length);
        return;
    }
    rd_reply_header(reply, '=', (int64_t)length + 4);
    rd_reply_literal(reply, "txt:");
    rd_reply_raw(reply, text, length);
    rd_reply_literal(reply, "\r\n");
}

void rd_reply_map(struct rd_reply *reply, size_t pairs) {
    if (reply->protocol < 3) rd_reply_header(reply, '*', (int64_t)pairs * 2);
    else rd_reply_header(reply, '%', (int64_t)pairs);
}

void rd_reply_array(struct rd_reply *reply, size_t count) {
    rd_reply_header(reply, '*', (int64_t)count);
}

bool rd_reply_move(struct rd_reply *reply, size_t from, size_t to) {
    size_t length = reply->length - from;
    if (!rd_reply_room(reply, length)) return false;
    char *bytes = reply->bytes;
    memmove(bytes + to + length, bytes + to, reply->length - to); /* the gap's bytes follow what they came from */
    memcpy(bytes + to, bytes + reply->length, length);
    for (uint32_t i = reply->blob_count; i > 0 && reply->blobs[i - 1].at > to; i--) reply->blobs[i - 1].at += length;
    return true;
}

void rd_reply_array_at(struct rd_reply *reply, size_t from, size_t count) {
    size_t end = reply->length;
    rd_reply_array(reply, count);
    (void)rd_reply_move(reply, end, from);
}

void rd_reply_cursor_at(struct rd_reply *reply, size_t from, uint64_t cursor) {
    char text[RD_I64_DIGITS];
    size_t end = reply->length;
    rd_reply_array(reply, 2);
    rd_reply_bulk(reply, text, (size_t)(rd_format_u64(text, cursor) - text));
    (void)rd_reply_move(reply, end, from);
}

void rd_reply_map_at(struct rd_reply *reply, size_t from, size_t pairs) {
    size_t end = reply->length;
    rd_reply_map(reply, pairs);
    (void)rd_reply_move(reply, end, from);
}

void rd_reply_set_at(struct rd_reply *reply, size_t from, size_t count) {
    size_t end = reply->length;
    rd_reply_set(reply, count);
    (void)rd_reply_move(reply, end, from);
}

void rd_reply_set(struct rd_reply *reply, size_t count) {
    rd_reply_header(reply, reply->protocol < 3 ? '*' : '~', (int64_t)count);
}

void rd_reply_integer(struct rd_reply *reply, int64_t value) {
    rd_reply_header(reply, ':', value);
}

void rd_reply_double(struct rd_reply *reply, const char *digits, size_t length) {
    if (reply->protocol != 3) {
        rd_reply_bulk(reply, digits, length);
        return;
    }
    rd_reply_literal(reply, ",");
    rd_reply_raw(reply, digits, length);
    rd_reply_literal(reply, "\r\n");
}

void rd_reply_field(struct rd_reply *reply, const char *name, int64_t value) {
    rd_reply_text(reply, name);
    rd_reply_integer(reply, value);
}

void rd_reply_boolean(struct rd_reply *reply, bool value) {
    if (reply->protocol < 3) rd_reply_header(reply, ':', value);
    else if (value) rd_reply_literal(reply, "#t\r\n");
    else rd_reply_literal(reply, "#f\r\n");
}

void rd_reply_null(struct rd_reply *reply) {
    if (reply->protocol < 3) rd_reply_literal(reply, "$-1\r\n");
    else rd_reply_literal(reply, "_\r\n");
}

void rd_reply_null_array(struct rd_reply *reply) {
    if (reply->protocol < 3) rd_reply_literal(reply, "*-1\r\n");
    else rd_reply_literal(reply, "_\r\n");
}
