/*
 * This file owns the reply side of RESP, versions 2 and 3: encoders that append to a worker's reply buffer. Large
 * values are not copied: the buffer notes where they belong, and the send takes them from the blob itself.
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
#ifndef RD_REPLY_H
#define RD_REPLY_H

#include <string.h>

#include "memory/blob.h"
#include "base/counter.h"
#include "base/number.h"

/* From this length on a value is sent from its blob instead of being copied into the reply buffer. */
#define RD_REPLY_BY_REFERENCE 16384

/*
 * A part of a blob stands between buffer[at - 1] and buffer[at]. Holds one reference. With `drawing` it is no reply yet, but
 * items that are drawn as one when it is their turn to be sent (shape/draw.h says how); length is that of the items.
 */
struct rd_reply_blob {
    size_t at;
    struct rd_blob *blob;
    size_t offset, length;
    uint8_t drawing; /* 0: sent as it is */
};

/* Who bounds a reply. Both are called while it is written, locks may be held. */
struct rd_reply_owner {
    /* How long the buffer may become; 0 = as long as memory lasts. Asked when it grows. */
    size_t (*most)(const struct rd_reply_owner *owner);
    /* It has failed: nobody needs to go on. NULL: nobody wants to know. */
    void (*failed)(struct rd_reply_owner *owner);
};

struct rd_reply {
    char *bytes;
    size_t length, capacity;
    struct rd_reply_blob *blobs;
    uint32_t blob_count, blob_capacity;
    uint8_t protocol;        /* 2 or 3: of the connection whose command runs */
    bool failed;             /* incomplete: memory ran out, or it became too long; the connection must close */
    bool too_long;           /* it is the latter */
    struct rd_reply_owner *owner; /* borrowed; NULL: no bound */
    rd_counter *errors;      /* error replies are counted here; borrowed, may be NULL */
    struct rd_error_codes *error_codes; /* and here by their code; NULL where errors is */
};

/* A place in a reply: what is behind it is one command's. */
struct rd_reply_mark {
    size_t length;
    uint32_t blobs;
};

static inline struct rd_reply_mark rd_reply_mark(const struct rd_reply *reply) {
    return (struct rd_reply_mark){reply->length, reply->blob_count};
}

/* Makes room for `bytes` more and returns where they go; NULL (and failed) when memory is out. */
char *rd_reply_grow(struct rd_reply *reply, size_t bytes);
void rd_reply_free(struct rd_reply *reply);
/* Puts all of another reply behind it, and fails if that has. */
void rd_reply_append(struct rd_reply *reply, const struct rd_reply *other);
/* Of an empty reply: gives the buffer up if it is larger than this. */
void rd_reply_shrink(struct rd_reply *reply, size_t bytes);
/* Takes back everything after `length` bytes and `blobs` blobs. */
void rd_reply_truncate(struct rd_reply *reply, size_t length, uint32_t blobs);
static inline void rd_reply_take_back(struct rd_reply *reply, struct rd_reply_mark mark) {
    rd_reply_truncate(reply, mark.length, mark.blobs);
}
/* The same of what nobody wants: unless something else is cut off (is_closing), nothing is missing. */
static inline void rd_reply_discard(struct rd_reply *reply, size_t length, uint32_t blobs, bool is_closing) {
    rd_reply_truncate(reply, length, blobs);
    if (!is_closing) reply->failed = reply->too_long = false;
}

static inline char *rd_reply_room(struct rd_reply *reply, size_t bytes) {
    if (__builtin_expect(reply->capacity - reply->length < bytes, 0)) return rd_reply_grow(reply, bytes);
    return reply->bytes + reply->length;
}

/* The bytes may be NULL where there are none. */
static inline void rd_reply_raw(struct rd_reply *reply, const char *bytes, size_t length) {
    if (length == 0) return;
    char *at = rd_reply_room(reply, length);
    if (!at) return;
    memcpy(at, bytes, length);
    reply->length += length;
}

/* A literal as it goes over the wire: rd_reply_literal(reply, "+PONG\r\n"). Not for errors. */
#define rd_reply_literal(reply, text) rd_reply_raw((reply), "" text, sizeof(text) - 1)

/* An error given as a literal with its code: "ERR syntax error". */
#define rd_reply_fail(reply, text) rd_reply_error((reply), "" text, sizeof(text) - 1)

/* `type`, a number, CRLF: the header of arrays, maps, bulks, and the integer itself. */
static inline void rd_reply_header(struct rd_reply *reply, char type, int64_t value) {
    char *at = rd_reply_room(reply, RD_I64_DIGITS + 3);
    if (!at) return;
    char *end = at;
    *end++ = type;
    end = rd_format_i64(end, value);
    *end++ = '\r';
    *end++ = '\n';
    reply->length += (size_t)(end - at);
}

/* The bytes are never NULL, not even where there are none. */
static inline void rd_reply_bulk_inline(struct rd_reply *reply, const char *bytes, size_t length) {
    char *at = rd_reply_room(reply, length + RD_I64_DIGITS + 5);
    if (!at) return;
    char *end = at;
    *end++ = '$';
    end = rd_format_u64(end, length);
    *end++ = '\r';
    *end++ = '\n';
    memcpy(end, bytes, length);
    end += length;
    *end++ = '\r';
    *end++ = '\n';
    reply->length += (size_t)(end - at);
}

/* A bulk from a blob: by reference when it is large. The blob is retained as long as needed. */
void rd_reply_blob(struct rd_reply *reply, struct rd_blob *blob);
/* The same of a part of it. */
void rd_reply_blob_part(struct rd_reply *reply, struct rd_blob *blob, size_t offset, size_t length);
/* A blob's bytes alone, by reference; the same to be drawn. */
void rd_reply_reference(struct rd_reply *reply, struct rd_blob *blob, size_t offset, size_t length);
void rd_reply_drawing(struct rd_reply *reply, struct rd_blob *blob, size_t offset, size_t length, uint8_t drawing);

/* A way through a stretch of a reply: bytes of the buffer and parts of blobs, as they go over the wire. */
struct rd_reply_walk {
    size_t at, to;           /* of the buffer */
    uint32_t blob, end_blob;
    size_t skip;             /* bytes of what comes next that are behind */
};

struct rd_reply_part {
    const char *bytes;
    size_t length;
    struct rd_blob *blob;    /* borrowed; NULL: the bytes are the buffer's */
    size_t offset;           /* in the blob */
    uint8_t drawing;
};

/* The next part, which is not empty; false at the end. */
static inline bool rd_reply_next(const struct rd_reply *reply, struct rd_reply_walk *walk, struct rd_reply_part *part) {
    for (;;) {
        size_t until = walk->blob < walk->end_blob ? reply->blobs[walk->blob].at : walk->to;
        if (walk->at < until) {
            *part = (struct rd_reply_part){.bytes = reply->bytes + walk->at, .length = until - walk->at};
            walk->at = until;
            return true;
        }
        if (walk->blob >= walk->end_blob) return false;
        const struct rd_reply_blob *value = &reply->blobs[walk->blob++];
        size_t offset = value->offset + walk->skip, length = value->length - walk->skip;
        walk->skip = 0;
        if (length == 0) continue;
        *part = (struct rd_reply_part){value->blob->bytes + offset, length, value->blob, offset, value->drawing};
        return true;
    }
}

/* Goes on by so many bytes, which are there. */
void rd_reply_advance(const struct rd_reply *reply, struct rd_reply_walk *walk, size_t bytes);

/* Moves what was appended since `from`, which holds no blobs, to where it belongs, `to`. False when it has failed. */
RD_MUST_USE bool rd_reply_move(struct rd_reply *reply, size_t from, size_t to);

/* Puts an array's header in front of what was appended since `from`: for arrays whose length shows only at the end. */
void rd_reply_array_at(struct rd_reply *reply, size_t from, size_t count);
/* The same for a map, and a set. */
void rd_reply_map_at(struct rd_reply *reply, size_t from, size_t pairs);
void rd_reply_set_at(struct rd_reply *reply, size_t from, size_t count);
/* A scan's cursor, which shows only when its items are there, in front of these: both in an array. */
void rd_reply_cursor_at(struct rd_reply *reply, size_t from, uint64_t cursor);

void rd_reply_null(struct rd_reply *reply);        /* _ or $-1 */
void rd_reply_null_array(struct rd_reply *reply);  /* _ or *-1 */
void rd_reply_simple(struct rd_reply *reply, const char *text, size_t length);
void rd_reply_set(struct rd_reply *reply, size_t count);
void rd_reply_boolean(struct rd_reply *reply, bool value); /* #t, #f or :1, :0 */
/* A floating-point number by its digits: a double, or a bulk string in RESP2. */
void rd_reply_double(struct rd_reply *reply, const char *digits, size_t length);
/* Of a map: a name and an integer. */
void rd_reply_field(struct rd_reply *reply, const char *name, int64_t value);
void rd_reply_format_error(struct rd_reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As many bytes of what a client sent as an error shows, for "%.*s". */
static inline int rd_reply_shown(struct rd_slice text) {
    return text.length < 128 ? (int)text.length : 128;
}

static inline void rd_reply_text(struct rd_reply *reply, const char *text) {
    rd_reply_bulk_inline(reply, text, strlen(text));
}

static inline void rd_reply_slice(struct rd_reply *reply, struct rd_slice slice) {
    rd_reply_bulk_inline(reply, slice.bytes, slice.length);
}

#endif
