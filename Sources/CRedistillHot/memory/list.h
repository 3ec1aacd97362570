/*
 * This file owns the intrusive LRU list: entries linked by reference, newest at the head. A hit does not move an
 * entry, it only counts it (RD_HIT_MASK); eviction gives entries with hits at the tail their second chance.
 */
#ifndef RD_LIST_H
#define RD_LIST_H

#include "memory/arena.h"
#include "memory/entry.h"

struct rd_list {
    uint32_t newest, oldest; /* 0 when empty */
};

/* Which of a shard's lists an entry is in. */
static inline unsigned rd_entry_list(const struct rd_entry *entry) {
    return entry->flags >> 2 & 3;
}

_Static_assert(RD_IN_SMALL == 1 << 2 && RD_HAS_EXPIRY == 2 << 2, "rd_entry_list takes these two flags as they lie");

static inline void rd_list_push(struct rd_list *list, const struct rd_arena *arena, uint32_t reference) {
    struct rd_entry *entry = rd_arena_at(arena, reference);
    entry->newer = 0;
    entry->older = list->newest;
    if (list->newest) ((struct rd_entry *)rd_arena_at(arena, list->newest))->newer = reference;
    else list->oldest = reference;
    list->newest = reference;
}

static inline void rd_list_remove(struct rd_list *list, const struct rd_arena *arena, const struct rd_entry *entry) {
    if (entry->newer) ((struct rd_entry *)rd_arena_at(arena, entry->newer))->older = entry->older;
    else list->newest = entry->older;
    if (entry->older) ((struct rd_entry *)rd_arena_at(arena, entry->older))->newer = entry->newer;
    else list->oldest = entry->newer;
}

/* The entry that was at some other reference is now at `reference`: its neighbours learn of it. */
static inline void rd_list_moved(struct rd_list *list, const struct rd_arena *arena, uint32_t reference) {
    const struct rd_entry *entry = rd_arena_at(arena, reference);
    if (entry->newer) ((struct rd_entry *)rd_arena_at(arena, entry->newer))->older = reference;
    else list->newest = reference;
    if (entry->older) ((struct rd_entry *)rd_arena_at(arena, entry->older))->newer = reference;
    else list->oldest = reference;
}

/* Puts all of another list behind the oldest of this one; the other is empty afterwards. */
static inline void rd_list_splice(struct rd_list *list, const struct rd_arena *arena, struct rd_list *other) {
    if (!other->newest) return;
    ((struct rd_entry *)rd_arena_at(arena, other->newest))->newer = list->oldest;
    if (list->oldest) ((struct rd_entry *)rd_arena_at(arena, list->oldest))->older = other->newest;
    else list->newest = other->newest;
    list->oldest = other->oldest;
    *other = (struct rd_list){0};
}

#endif
