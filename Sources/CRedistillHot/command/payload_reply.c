/*
 * This file owns how a value with a shape becomes a payload: in the reply itself, piece by piece, in what Redis 7.0 would
 * write of it, so that it can go to any server since.
 *
 *   list            QUICKLIST_2, its elements in listpacks as RPUSH would have filled them
 *   set             SET_INTSET while it is packed and of integers, or SET
 *   hash            HASH_LISTPACK while it is packed, or HASH; HASH_METADATA where fields have times
 *   sorted set      ZSET_LISTPACK while it is packed, or ZSET_2, from the highest score down
 */
#include <math.h>
#include <stdio.h>

#include "command/payload.h"
#include "resp/intset.h"
#include "resp/listpack.h"
#include "resp/rdb.h"

/* In front of the payload stands the bulk's length, which is known only at the end. */
#define FRONT (RD_I64_DIGITS + 3)
/* What Redis expects an element to take in a listpack besides its text, when it looks whether a piece is full. */
#define ELEMENT_ESTIMATE 8u
/* A longer element is a piece by itself: in a listpack it would stand twice in the reply while it is written. */
#define PLAIN_FROM RD_RDB_PACK_MOST
/* "%.17g" of any double. */
#define SCORE_TEXT 32

struct writer {
    struct rd_reply *reply;
    struct rd_shape *shape;
    struct rd_lzf_places places;
    size_t start; /* of the payload in the reply */
};

/* An item as the elements of a listpack. */
struct elements {
    struct rd_element at[2];
    uint32_t count;
    char score[SCORE_TEXT];
};

/* Items that go into one listpack. */
struct piece {
    uint64_t items;
    uint64_t elements;
    size_t bytes;
    bool plain; /* one element, by itself */
};

static struct rd_element element_of(const char *part) {
    struct rd_element element = {0};
    element.is_integer = rd_part_integer(part, &element.integer);
    if (!element.is_integer) element.text = rd_part_text(part, NULL);
    return element;
}

/* As Redis 7.0 writes a score: an integer where it is one, and not beyond what a cast may be tried with. */
static struct rd_element element_of_score(double score, char *text) {
    if (fabs(score) <= (double)(INT64_MAX / 2) && score == (double)(int64_t)score) {
        return (struct rd_element){.is_integer = true, .integer = (int64_t)score};
    }
    int length = isinf(score) ? snprintf(text, SCORE_TEXT, score < 0 ? "-inf" : "inf")
                              : snprintf(text, SCORE_TEXT, "%.17g", score);
    return (struct rd_element){.text = {text, (size_t)length}};
}

static void take_elements(const struct rd_shape *shape, const char *item, struct elements *elements) {
    enum rd_type_of_value type = shape->kind & RD_SHAPE_TYPE;
    elements->at[0] = element_of(item);
    elements->count = type == RD_VALUE_HASH || type == RD_VALUE_ZSET ? 2 : 1;
    if (type == RD_VALUE_HASH) elements->at[1] = element_of(rd_part_after(item));
    if (type == RD_VALUE_ZSET) elements->at[1] = element_of_score(rd_part_double(rd_part_after(item)), elements->score);
}

static size_t text_length(const struct rd_element *element) {
    char digits[RD_I64_DIGITS];
    return element->is_integer ? (size_t)(rd_format_i64(digits, element->integer) - digits) : element->text.length;
}

/* Would RPUSH put another element into a piece that has so much? */
static bool fits(const struct rd_shape_limits *limits, const struct piece *piece, const struct rd_element *element) {
    size_t bytes = piece->bytes + text_length(element) + ELEMENT_ESTIMATE;
    return bytes <= limits->bytes && piece->items < limits->entries;
}

/* What goes into one listpack from the place on: of a list so much as fits, of everything else all. */
static struct piece measure(struct rd_shape *shape, struct rd_place_in at) {
    bool is_list = (shape->kind & RD_SHAPE_TYPE) == RD_VALUE_LIST;
    struct piece piece = {.bytes = RD_LISTPACK_EMPTY};
    do {
        struct elements elements;
        take_elements(shape, at.item, &elements);
        bool is_large = is_list && elements.at[0].text.length >= PLAIN_FROM;
        if (is_list && piece.items > 0 && (is_large || !fits(&shape->limits, &piece, &elements.at[0]))) break;
        for (uint32_t i = 0; i < elements.count; i++) piece.bytes += rd_listpack_room(&elements.at[i]);
        piece.items++;
        piece.elements += elements.count;
        if (is_large) {
            piece.plain = true;
            break;
        }
    } while (rd_shape_next(shape, &at));
    return piece;
}

static void put_length(struct writer *writer, uint64_t length) {
    char *at = rd_reply_room(writer->reply, RD_RDB_LENGTH_MOST);
    if (at) writer->reply->length += (size_t)(rd_rdb_put_length(at, length) - at);
}

static void put_eight(struct writer *writer, uint64_t value) {
    char *at = rd_reply_room(writer->reply, 8);
    if (at) writer->reply->length += (size_t)(rd_rdb_put_little(at, value, 8) - at);
}

static void put_part(struct writer *writer, const char *part) {
    char digits[RD_I64_DIGITS];
    struct rd_slice text = rd_part_text(part, digits);
    char *at = rd_reply_room(writer->reply, text.length + RD_RDB_STRING_OVERHEAD);
    if (at) writer->reply->length += (size_t)(rd_rdb_put_string(at, text, &writer->places) - at);
}

/* Room for a run of so many bytes, behind where it goes as a string. */
static char *run_room(struct writer *writer, size_t bytes) {
    char *at = rd_reply_room(writer->reply, 2 * bytes + RD_RDB_STRING_OVERHEAD);
    return at ? at + bytes + RD_RDB_STRING_OVERHEAD : NULL;
}

static void put_run(struct writer *writer, const char *run, size_t bytes) {
    char *at = writer->reply->bytes + writer->reply->length;
    writer->reply->length += (size_t)(rd_rdb_put_string(at, (struct rd_slice){run, bytes}, &writer->places) - at);
}

/* The piece that begins at the place, which then is behind it. */
static void put_listpack(struct writer *writer, const struct piece *piece, struct rd_place_in *at) {
    char *run = run_room(writer, piece->bytes);
    if (!run) return;
    char *end = run + RD_LISTPACK_HEAD;
    for (uint64_t i = 0; i < piece->items; i++) {
        struct elements elements;
        take_elements(writer->shape, at->item, &elements);
        for (uint32_t k = 0; k < elements.count; k++) end = rd_listpack_put(end, &elements.at[k]);
        (void)rd_shape_next(writer->shape, at);
    }
    rd_listpack_close(run, piece->bytes, piece->elements);
    put_run(writer, run, piece->bytes);
}

static void put_intset(struct writer *writer, struct rd_place_in at) {
    int64_t lowest = INT64_MAX, highest = INT64_MIN, value;
    struct rd_place_in from = at;
    do {
        (void)rd_part_integer(at.item, &value);
        if (value < lowest) lowest = value;
        if (value > highest) highest = value;
    } while (rd_shape_next(writer->shape, &at));
    uint32_t width = rd_intset_width(lowest, highest);
    size_t bytes = RD_INTSET_HEAD + width * writer->shape->count;
    char *run = run_room(writer, bytes);
    if (!run) return;
    char *end = rd_intset_put_head(run, width, (uint32_t)writer->shape->count);
    do {
        (void)rd_part_integer(from.item, &value);
        end = rd_intset_put(end, width, value);
    } while (rd_shape_next(writer->shape, &from));
    put_run(writer, run, bytes);
}

static void put_list(struct writer *writer, struct rd_place_in at) {
    struct rd_place_in from = at;
    uint64_t pieces = 0, items = 0;
    for (; items < writer->shape->count; pieces++) {
        struct piece piece = measure(writer->shape, at);
        for (uint64_t i = 0; i < piece.items; i++) (void)rd_shape_next(writer->shape, &at);
        items += piece.items;
    }
    put_length(writer, pieces);
    for (items = 0; items < writer->shape->count && !writer->reply->failed;) {
        struct piece piece = measure(writer->shape, from);
        put_length(writer, piece.plain ? RD_RDB_PIECE_PLAIN : RD_RDB_PIECE_PACKED);
        if (piece.plain) {
            put_part(writer, from.item);
            (void)rd_shape_next(writer->shape, &from);
        } else {
            put_listpack(writer, &piece, &from);
        }
        items += piece.items;
    }
}

/* Members, or fields and values, one after the other. */
static void put_strings(struct writer *writer, struct rd_place_in at) {
    bool is_hash = (writer->shape->kind & RD_SHAPE_TYPE) == RD_VALUE_HASH;
    put_length(writer, writer->shape->count);
    do {
        put_part(writer, at.item);
        if (is_hash) put_part(writer, rd_part_after(at.item));
    } while (!writer->reply->failed && rd_shape_next(writer->shape, &at));
}

static void put_scores(struct writer *writer) {
    put_length(writer, writer->shape->count);
    struct rd_place_in at;
    bool is_there = rd_shape_seek(writer->shape, writer->shape->count - 1, &at);
    while (is_there && !writer->reply->failed) {
        double score = rd_part_double(rd_part_after(at.item));
        uint64_t bits;
        memcpy(&bits, &score, sizeof bits);
        put_part(writer, at.item);
        put_eight(writer, bits);
        is_there = rd_shape_previous(writer->shape, &at);
    }
}

/* The time of the field that goes first; 0: no field has one. */
static int64_t first_time(struct rd_shape *shape, struct rd_place_in at) {
    int64_t first = 0;
    if (!(shape->kind & RD_SHAPE_TIMED)) return 0;
    do {
        int64_t time = rd_field_expiry(shape, at.item);
        if (time && (!first || time < first)) first = time;
    } while (rd_shape_next(shape, &at));
    return first;
}

static void put_timed(struct writer *writer, struct rd_place_in at, int64_t first) {
    put_eight(writer, (uint64_t)first);
    put_length(writer, writer->shape->count);
    do {
        int64_t time = rd_field_expiry(writer->shape, at.item);
        put_length(writer, time ? (uint64_t)(time - first) + 1 : 0);
        put_part(writer, at.item);
        put_part(writer, rd_part_after(at.item));
    } while (!writer->reply->failed && rd_shape_next(writer->shape, &at));
}

static enum rd_rdb_form form_of(const struct rd_shape *shape, const struct piece *all, bool is_timed) {
    bool is_packed = !(shape->kind & RD_SHAPE_INDEXED);
    bool is_listpack = is_packed && all->bytes <= RD_LISTPACK_MOST;
    switch (shape->kind & RD_SHAPE_TYPE) {
    case RD_VALUE_LIST: return RD_RDB_LIST_QUICKLIST_2;
    case RD_VALUE_SET: return is_packed && shape->kind & RD_SHAPE_INTEGERS ? RD_RDB_SET_INTSET : RD_RDB_SET;
    case RD_VALUE_ZSET: return is_listpack ? RD_RDB_ZSET_LISTPACK : RD_RDB_ZSET_2;
    default: return is_timed ? RD_RDB_HASH_METADATA : is_listpack ? RD_RDB_HASH_LISTPACK : RD_RDB_HASH;
    }
}

/* Type and value; returns the version that they are of. */
static unsigned put_value(struct writer *writer) {
    struct rd_shape *shape = writer->shape;
    struct rd_place_in at;
    if (!rd_shape_seek(shape, 0, &at)) return RD_RDB_VERSION;
    int64_t first = first_time(shape, at);
    struct piece all = {0};
    if (!(shape->kind & RD_SHAPE_INDEXED)) all = measure(shape, at);
    enum rd_rdb_form form = form_of(shape, &all, first != 0);
    char type = (char)form;
    rd_reply_raw(writer->reply, &type, 1);
    switch (form) {
    case RD_RDB_LIST_QUICKLIST_2: put_list(writer, at); break;
    case RD_RDB_SET_INTSET: put_intset(writer, at); break;
    case RD_RDB_HASH_LISTPACK:
    case RD_RDB_ZSET_LISTPACK: put_listpack(writer, &all, &at); break;
    case RD_RDB_ZSET_2: put_scores(writer); break;
    case RD_RDB_HASH_METADATA: put_timed(writer, at, first); break;
    default: put_strings(writer, at); break;
    }
    return form == RD_RDB_HASH_METADATA ? RD_RDB_VERSION_TIMED : RD_RDB_VERSION;
}

/* Tail and head around the payload, which moves to its head. Nothing but the reply is looked at. */
static void close_bulk(struct rd_reply *reply, size_t start, unsigned version) {
    if (!rd_reply_room(reply, RD_RDB_TAIL + 2)) return;
    char *payload = reply->bytes + start, *at = payload - FRONT;
    size_t length = rd_rdb_seal(payload, reply->length - start, version);
    *at = '$';
    char *end = rd_format_u64(at + 1, length);
    memcpy(end, "\r\n", 2);
    memmove(end + 2, payload, length);
    end += 2 + length;
    memcpy(end, "\r\n", 2);
    reply->length = (size_t)(end + 2 - reply->bytes);
}

void rd_payload_reply(struct rd_call *call, const struct rd_found *found) {
    struct rd_shape shape;
    struct rd_reply *reply = call->reply;
    if (!rd_call_open_at(call, &shape, call->shard, call->hash, rd_call_key(call), *found, rd_entry_type(found->entry))) return;
    if (!rd_reply_room(reply, FRONT)) return;
    reply->length += FRONT;
    struct writer writer = {.reply = reply, .shape = &shape, .start = reply->length};
    unsigned version = put_value(&writer);
    rd_lzf_forget(&writer.places);
    if (reply->failed) return;
    /* The checksum of much takes long. */
    bool is_long = reply->length - writer.start > RD_RDB_PACK_MOST;
    if (is_long) rd_call_unlock(call, call->shard);
    close_bulk(reply, writer.start, version);
    if (is_long) rd_call_wait_lock(call, call->shard);
}
