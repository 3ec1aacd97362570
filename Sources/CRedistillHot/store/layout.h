/*
 * This file owns how an entry is laid out (entry.h draws it): decided before anything changes, and written into a slot
 * of its size.
 */
#ifndef RD_LAYOUT_H
#define RD_LAYOUT_H

#include "memory/arena.h"
#include "memory/entry.h"

struct rd_layout {
    int64_t expiry;  /* 0 = none */
    uint32_t size;
    unsigned class;
    bool key_blob, value_blob;
    uint8_t shaped;  /* RD_SHAPED or 0 */
    bool may_exceed; /* the limit does not forbid it */
};

/* Of an entry: a value that does not fit in is to be a blob, whether it is one already or not. */
static inline struct rd_layout rd_layout_plan(const struct rd_size_classes *classes, uint32_t key_room, bool key_is_blob,
                                              uint64_t value_length, bool value_is_blob, int64_t expiry) {
    struct rd_layout layout = {.expiry = expiry, .key_blob = key_is_blob};
    uint64_t fixed = sizeof(struct rd_entry) + (expiry ? 8 : 0) + key_room;
    layout.value_blob = value_is_blob || fixed + value_length > RD_ENTRY_MAX;
    layout.size = (uint32_t)(fixed + (layout.value_blob ? 8 : value_length));
    if (layout.size < RD_ENTRY_MIN) layout.size = RD_ENTRY_MIN;
    layout.class = rd_class_of(classes, layout.size);
    return layout;
}

/* The same key with another value or expiry. */
static inline struct rd_layout rd_layout_of(const struct rd_size_classes *classes, const struct rd_entry *entry,
                                            uint64_t value_length, bool value_is_blob, int64_t expiry) {
    bool key_is_blob = entry->flags & RD_KEY_BLOB;
    struct rd_layout layout =
        rd_layout_plan(classes, rd_entry_key_room(entry), key_is_blob, value_length, value_is_blob, expiry);
    layout.shaped = entry->flags & RD_SHAPED;
    return layout;
}

static inline void rd_layout_write_pointer(char *place, struct rd_blob *blob) {
    memcpy(place, &blob, sizeof blob);
}

/* Writes header, expiry and key; the links and the value are the caller's. */
static inline void rd_layout_write_front(const struct rd_layout *layout, struct rd_entry *entry, struct rd_key key,
                                         struct rd_blob *key_blob) {
    entry->flags = (uint8_t)(layout->shaped | (layout->expiry ? RD_HAS_EXPIRY : 0) |
                             (layout->key_blob ? RD_KEY_BLOB : 0) | (layout->value_blob ? RD_VALUE_BLOB : 0));
    char *place = entry->data;
    if (layout->expiry) {
        memcpy(place, &layout->expiry, sizeof layout->expiry);
        place += sizeof layout->expiry;
    }
    if (layout->key_blob) {
        entry->key_length = (uint8_t)key.space;
        rd_layout_write_pointer(place, key_blob);
        return;
    }
    entry->key_length = key.space ? 0 : (uint8_t)key.length;
    if (__builtin_expect(entry->key_length == 0, 0)) {
        place[0] = (char)key.space;
        place[1] = (char)key.length;
        place += RD_KEY_PREFIX;
    }
    memcpy(place, key.bytes, key.length);
}

/* Writes the value behind the front: its bytes, or with a blob a pointer to that. */
static inline void rd_layout_write_value(struct rd_entry *entry, struct rd_slice value, struct rd_blob *blob) {
    char *place = rd_entry_value_place(entry);
    if (blob) {
        entry->value_length = 0;
        rd_layout_write_pointer(place, blob);
    } else {
        entry->value_length = (uint16_t)value.length;
        memcpy(place, value.bytes, value.length);
    }
}

#endif
