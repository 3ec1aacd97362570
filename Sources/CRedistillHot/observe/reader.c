/* This file owns the table of a tracker's readers. */
#include "observe/reader.h"

#include <stdlib.h>

#include "observe/observer.h"
#include "observe/tracking.h"

#define LEAST_SLOTS 8

static uint64_t hash_of(const struct rd_reader *reader) {
    return reader->interest->link.hash;
}

/* Where the key is, or would be. The shard takes the high bits of the hash, its table the low ones: both are well mixed. */
static uint32_t slot_of(const struct rd_readers *readers, uint64_t hash) {
    uint32_t at = (uint32_t)(hash >> 16) & (readers->capacity - 1);
    while (readers->slots[at] && hash_of(readers->slots[at]) != hash) at = (at + 1) & (readers->capacity - 1);
    return at;
}

struct rd_reader *rd_reader_find(const struct rd_tracker *tracker, uint64_t hash) {
    const struct rd_readers *readers = &tracker->readers;
    return readers->capacity ? readers->slots[slot_of(readers, hash)] : NULL;
}

static void count(const struct rd_tracker *tracker, int64_t bytes) {
    rd_counter_add(&tracker->observer->telling.reader_bytes, (uint64_t)bytes);
}

static bool grow(struct rd_tracker *tracker) {
    struct rd_readers *readers = &tracker->readers;
    struct rd_readers grown = {.capacity = readers->capacity ? readers->capacity * 2 : LEAST_SLOTS};
    grown.slots = calloc(grown.capacity, sizeof grown.slots[0]);
    if (!grown.slots) return false;
    for (uint32_t i = 0; i < readers->capacity; i++) {
        struct rd_reader *reader = readers->slots[i];
        if (reader) grown.slots[slot_of(&grown, hash_of(reader))] = reader;
    }
    free(readers->slots);
    count(tracker, (int64_t)((grown.capacity - readers->capacity) * sizeof grown.slots[0]));
    *readers = grown;
    return true;
}

void rd_readers_make_room(struct rd_tracker *tracker) {
    uint64_t keys = atomic_load_explicit(&tracker->keys, memory_order_relaxed);
    if (keys * 2 > tracker->readers.capacity) (void)grow(tracker);
}

enum rd_status rd_reader_join(struct rd_tracker *tracker, struct rd_interest *interest) {
    struct rd_readers *readers = &tracker->readers;
    uint64_t keys = atomic_load_explicit(&tracker->keys, memory_order_relaxed);
    /* One command may read many keys, so that there is not always room in time; three quarters are still fast. */
    if (keys >= (uint64_t)readers->capacity * 3 / 4 && !grow(tracker)) return RD_ERR_NO_MEMORY;
    struct rd_reader *reader = malloc(sizeof *reader);
    if (!reader) return RD_ERR_NO_MEMORY;
    *reader = (struct rd_reader){.next = interest->readers, .place = &interest->readers, .interest = interest, .tracker = tracker};
    if (reader->next) reader->next->place = &reader->next;
    interest->readers = reader;
    readers->slots[slot_of(readers, interest->link.hash)] = reader;
    atomic_store_explicit(&tracker->keys, keys + 1, memory_order_relaxed);
    count(tracker, sizeof *reader);
    return RD_OK;
}

/* Those behind it move up, so that no search ends too early. */
static void remove_slot(struct rd_readers *readers, uint32_t hole) {
    uint32_t mask = readers->capacity - 1;
    for (uint32_t at = (hole + 1) & mask; readers->slots[at]; at = (at + 1) & mask) {
        uint32_t home = (uint32_t)(hash_of(readers->slots[at]) >> 16) & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        readers->slots[hole] = readers->slots[at];
        hole = at;
    }
    readers->slots[hole] = NULL;
}

void rd_reader_leave(struct rd_reader *reader) {
    struct rd_tracker *tracker = reader->tracker;
    *reader->place = reader->next;
    if (reader->next) reader->next->place = reader->place;
    remove_slot(&tracker->readers, slot_of(&tracker->readers, hash_of(reader)));
    uint64_t keys = atomic_load_explicit(&tracker->keys, memory_order_relaxed);
    atomic_store_explicit(&tracker->keys, keys - 1, memory_order_relaxed);
    count(tracker, -(int64_t)sizeof *reader);
    free(reader);
}

struct rd_reader *rd_readers_any(const struct rd_tracker *tracker, uint32_t *at) {
    const struct rd_readers *readers = &tracker->readers;
    if (atomic_load_explicit(&tracker->keys, memory_order_relaxed) == 0) return NULL;
    while (!readers->slots[*at & (readers->capacity - 1)]) ++*at;
    return readers->slots[*at & (readers->capacity - 1)];
}

void rd_readers_free(struct rd_tracker *tracker) {
    count(tracker, -(int64_t)(tracker->readers.capacity * sizeof tracker->readers.slots[0]));
    free(tracker->readers.slots);
    tracker->readers = (struct rd_readers){0};
}
