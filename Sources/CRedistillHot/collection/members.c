/* This file owns the table of members that a command has come upon. */
#include "collection/members.h"

#include "collection/working.h"
#include "shape/part.h"

void rd_members_begin(struct rd_members *members, struct rd_store *store) {
    members->store = store;
    members->places = members->few;
    members->capacity = RD_MEMBERS_FEW;
    members->count = 0;
    members->memory = NULL;
    members->out_of_memory = false;
    memset(members->few, 0, sizeof members->few);
}

void rd_members_end(struct rd_members *members) {
    if (members->memory) rd_blob_release(members->memory);
}

/* Where the part is, or is to be. */
static const char **place_of(const struct rd_members *members, const char *part) {
    uint64_t at = rd_hash(&members->store->seed, part, rd_part_room(part));
    for (;; at++) {
        const char **place = &members->places[at & (members->capacity - 1)];
        if (!*place || rd_part_same(*place, part)) return place;
    }
}

static bool grow(struct rd_members *members) {
    struct rd_members larger = {.store = members->store, .capacity = members->capacity * 2};
    uint64_t bytes = larger.capacity * sizeof *larger.places;
    larger.memory = rd_working_memory(members->store, bytes);
    if (!larger.memory) return false;
    larger.places = (const char **)larger.memory->bytes;
    memset(larger.places, 0, bytes);
    for (uint64_t i = 0; i < members->capacity; i++) {
        if (members->places[i]) *place_of(&larger, members->places[i]) = members->places[i];
    }
    if (members->memory) rd_blob_release(members->memory);
    members->places = larger.places;
    members->capacity = larger.capacity;
    members->memory = larger.memory;
    return true;
}

bool rd_members_add(struct rd_members *members, const char *part) {
    const char **place = place_of(members, part);
    if (*place) return false;
    /* At most two thirds are taken, or the ways to a free place become long. */
    if (members->count >= members->capacity / 3 * 2) {
        if (!grow(members)) {
            members->out_of_memory = true;
            return false;
        }
        place = place_of(members, part);
    }
    *place = part;
    members->count++;
    return true;
}

bool rd_members_have(const struct rd_members *members, const char *part) {
    return *place_of(members, part) != NULL;
}
