/* This file owns the encoding of entries. */
#include "snapshot/encode.h"

#include <string.h>

#include "resp/rdb.h"
#include "shape/shape.h"
#include "snapshot/opcode.h"

/* The items of an entry, run by run: of a packed one there is one. */
struct items {
    const struct rd_capture *capture;
    const struct rd_captured *entry;
    uint8_t parts;
    uint32_t next_leaf;
    const char *at, *end;
};

static void open_items(struct items *items, const struct rd_capture *capture, const struct rd_captured *entry) {
    *items = (struct items){.capture = capture, .entry = entry, .parts = rd_kind_parts(entry->kind)};
    if (entry->leaves) return;
    /* A packed hash has the third part only where fields may have times. */
    items->at = entry->value.bytes + rd_captured_head(entry);
    items->end = entry->value.bytes + entry->value.length;
}

/* The next one; NULL at the end. */
static const char *next_item(struct items *items) {
    while (items->at == items->end) {
        if (items->next_leaf == items->entry->leaves) return NULL;
        const struct rd_blob *leaf = items->capture->leaves[items->entry->first_leaf + items->next_leaf++];
        items->at = leaf->bytes;
        items->end = leaf->bytes + leaf->length;
    }
    const char *item = items->at;
    items->at += rd_item_room(item, items->parts);
    return item;
}

static void put_part(struct rd_snapshot_file *file, const char *part) {
    char digits[RD_I64_DIGITS];
    rd_snapshot_put_text(file, rd_part_text(part, digits));
}

/* Of a field whose item has a third part; 0: it has no time. */
static int64_t time_of(const char *item) {
    int64_t time;
    return rd_part_integer(rd_part_after(rd_part_after(item)), &time) ? time : 0;
}

/* The time of the field that goes first; 0: none has one. */
static int64_t first_time(const struct rd_capture *capture, const struct rd_captured *entry) {
    int64_t first = 0;
    struct items items;
    open_items(&items, capture, entry);
    for (const char *item; (item = next_item(&items));) {
        int64_t time = time_of(item);
        if (time && (!first || time < first)) first = time;
    }
    return first;
}

static void put_score(struct rd_snapshot_file *file, const char *part) {
    double score = rd_part_double(part);
    uint64_t bits;
    memcpy(&bits, &score, sizeof bits);
    rd_snapshot_put_eight(file, bits);
}

static void put_items(struct rd_snapshot_file *file, const struct rd_capture *capture, const struct rd_captured *entry,
                      int64_t first) {
    enum rd_type_of_value type = entry->kind & RD_SHAPE_TYPE;
    struct items items;
    if (first) rd_snapshot_put_eight(file, (uint64_t)first);
    rd_snapshot_put_length(file, entry->count);
    open_items(&items, capture, entry);
    for (const char *item; (item = next_item(&items));) {
        if (first) rd_snapshot_put_length(file, time_of(item) ? (uint64_t)(time_of(item) - first) + 1 : 0);
        put_part(file, item);
        if (type == RD_VALUE_HASH) put_part(file, rd_part_after(item));
        if (type == RD_VALUE_ZSET) put_score(file, rd_part_after(item));
    }
}

static enum rd_rdb_form form_of(const struct rd_captured *entry, int64_t first) {
    switch (entry->kind & RD_SHAPE_TYPE) {
    case RD_VALUE_LIST: return RD_RDB_LIST;
    case RD_VALUE_SET: return RD_RDB_SET;
    case RD_VALUE_ZSET: return RD_RDB_ZSET_2;
    case RD_VALUE_HASH: return first ? RD_RDB_HASH_METADATA : RD_RDB_HASH;
    default: return RD_RDB_STRING;
    }
}

bool rd_snapshot_encode(struct rd_snapshot_file *file, const struct rd_capture *capture, const struct rd_captured *entry,
                        unsigned version) {
    int64_t first = entry->kind & RD_SHAPE_TIMED ? first_time(capture, entry) : 0;
    if (first && version < RD_RDB_VERSION_TIMED) return false;
    if (entry->expiry) {
        rd_snapshot_put_byte(file, RD_FILE_EXPIRY_MS);
        rd_snapshot_put_eight(file, (uint64_t)entry->expiry);
    }
    rd_snapshot_put_byte(file, form_of(entry, first));
    rd_snapshot_put_text(file, entry->key);
    if (entry->kind) put_items(file, capture, entry, first);
    else rd_snapshot_put_text(file, entry->value);
    return true;
}
