/* This file owns how what is gathered grows. */
#include "collection/gathered.h"

#include "collection/working.h"

/* Twice as large at least, so that a long run is copied seldom. */
static bool make_room(struct rd_gathered *gathered, struct rd_store *store, size_t room) {
    size_t capacity = gathered->capacity * 2;
    if (capacity < gathered->length + room) capacity = gathered->length + room;
    struct rd_blob *memory = rd_working_memory(store, capacity);
    if (!memory) return false;
    memcpy(memory->bytes, gathered->bytes, gathered->length);
    rd_gathered_end(gathered);
    gathered->memory = memory;
    gathered->bytes = memory->bytes;
    gathered->capacity = capacity;
    return true;
}

char *rd_gathered_extend(struct rd_gathered *gathered, struct rd_store *store, size_t room) {
    if (gathered->capacity - gathered->length < room && !make_room(gathered, store, room)) return NULL;
    char *end = gathered->bytes + gathered->length;
    gathered->length += room;
    return end;
}
