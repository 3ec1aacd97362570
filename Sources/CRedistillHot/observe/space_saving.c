/* This file owns the counters, their heap and their table. */
#include "observe/space_saving.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_ROOM 32u

enum rd_status rd_space_saving_init(struct rd_space_saving *summary, uint32_t capacity) {
    uint32_t slots = 4;
    while (slots < capacity * 2) slots *= 2;
    size_t bytes = capacity * sizeof *summary->counters + (capacity + slots) * sizeof(uint16_t);
    *summary = (struct rd_space_saving){.capacity = capacity, .slot_mask = slots - 1};
    summary->counters = calloc(1, bytes);
    if (!summary->counters) return RD_ERR_NO_MEMORY;
    summary->heap = (uint16_t *)(summary->counters + capacity);
    summary->slots = summary->heap + capacity;
    return RD_OK;
}

void rd_space_saving_free(struct rd_space_saving *summary) {
    for (uint32_t i = 0; i < summary->used; i++) free(summary->counters[i].bytes);
    free(summary->counters);
    *summary = (struct rd_space_saving){0};
}

/* Where the hash stands in the table, or would be put. */
static uint32_t slot_of(const struct rd_space_saving *summary, uint64_t hash) {
    const uint16_t *slots = summary->slots;
    uint32_t at = (uint32_t)hash & summary->slot_mask;
    while (slots[at] && summary->counters[slots[at] - 1].hash != hash) at = (at + 1) & summary->slot_mask;
    return at;
}

/* Empties a slot, and moves up what was pushed behind it by what stood there. */
static void empty_slot(struct rd_space_saving *summary, uint32_t hole) {
    uint32_t mask = summary->slot_mask;
    for (uint32_t at = (hole + 1) & mask; summary->slots[at]; at = (at + 1) & mask) {
        uint32_t home = (uint32_t)summary->counters[summary->slots[at] - 1].hash & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue; /* its way to here does not pass the hole */
        summary->slots[hole] = summary->slots[at];
        hole = at;
    }
    summary->slots[hole] = 0;
}

static uint64_t weight_at(const struct rd_space_saving *summary, uint32_t place) {
    return summary->counters[summary->heap[place]].weight;
}

static void exchange(struct rd_space_saving *summary, uint32_t a, uint32_t b) {
    uint16_t number = summary->heap[a];
    summary->heap[a] = summary->heap[b];
    summary->heap[b] = number;
    summary->counters[summary->heap[a]].place = a;
    summary->counters[summary->heap[b]].place = b;
}

static void rise(struct rd_space_saving *summary, uint32_t place) {
    while (place > 0 && weight_at(summary, place) < weight_at(summary, (place - 1) / 2)) {
        exchange(summary, place, (place - 1) / 2);
        place = (place - 1) / 2;
    }
}

static void sink(struct rd_space_saving *summary, uint32_t place) {
    for (uint32_t child = place * 2 + 1; child < summary->used; child = place * 2 + 1) {
        if (child + 1 < summary->used && weight_at(summary, child + 1) < weight_at(summary, child)) child++;
        if (weight_at(summary, place) <= weight_at(summary, child)) return;
        exchange(summary, place, child);
        place = child;
    }
}

static void set_key(struct rd_heavy_key *counter, uint64_t hash, struct rd_slice key) {
    uint32_t kept = key.length < RD_HEAVY_KEY_BYTES ? (uint32_t)key.length : RD_HEAVY_KEY_BYTES;
    if (kept > counter->room) {
        uint32_t room = LEAST_ROOM;
        while (room < kept) room *= 2;
        char *bytes = realloc(counter->bytes, room);
        if (bytes) {
            counter->bytes = bytes;
            counter->room = room;
        }
    }
    if (kept > counter->room) kept = counter->room;
    if (kept) memcpy(counter->bytes, key.bytes, kept);
    counter->hash = hash;
    counter->kept = kept;
    counter->length = key.length;
}

void rd_space_saving_add(struct rd_space_saving *summary, uint64_t hash, struct rd_slice key, uint64_t weight) {
    uint32_t slot = slot_of(summary, hash);
    if (summary->slots[slot]) {
        struct rd_heavy_key *counter = &summary->counters[summary->slots[slot] - 1];
        counter->weight += weight;
        sink(summary, counter->place);
        return;
    }
    if (summary->used < summary->capacity) {
        uint32_t number = summary->used++;
        struct rd_heavy_key *counter = &summary->counters[number];
        set_key(counter, hash, key);
        counter->weight = weight;
        counter->place = number;
        summary->heap[number] = (uint16_t)number;
        summary->slots[slot] = (uint16_t)(number + 1);
        rise(summary, number);
        return;
    }
    uint16_t lightest = summary->heap[0];
    struct rd_heavy_key *counter = &summary->counters[lightest];
    empty_slot(summary, slot_of(summary, counter->hash));
    counter->error = counter->weight;
    counter->weight += weight;
    set_key(counter, hash, key);
    summary->slots[slot_of(summary, hash)] = (uint16_t)(lightest + 1);
    sink(summary, 0);
}

bool rd_space_saving_check(const struct rd_space_saving *summary) {
    uint32_t in_table = 0;
    for (uint32_t i = 0; summary->counters && i <= summary->slot_mask; i++) in_table += summary->slots[i] != 0;
    if (in_table != summary->used || summary->used > summary->capacity) return false;
    for (uint32_t i = 0; i < summary->used; i++) {
        const struct rd_heavy_key *counter = &summary->counters[i];
        uint32_t place = counter->place;
        if (counter->error > counter->weight) return false;
        if (counter->kept > counter->room || counter->kept > counter->length) return false;
        if (summary->heap[place] != i || summary->slots[slot_of(summary, counter->hash)] != i + 1) return false;
        if (place > 0 && weight_at(summary, (place - 1) / 2) > counter->weight) return false;
    }
    return true;
}
