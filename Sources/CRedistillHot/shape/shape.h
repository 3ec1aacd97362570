/*
 * This file owns what commands do with a value that has a shape, whatever its form is: opened for one command, looked
 * through and changed by places, and put back at the end. A shape is a sequence of items, and an item so many parts:
 *
 *   list    1  element
 *   set     1  member                    in no order; of integers alone, while packed, ascending
 *   hash    2  field, value              in no order
 *           3  field, value, time        with RD_SHAPE_TIMED, and indexed: Unix time in ms, or nothing
 *   zset    2  member, score             by score, then by the member's bytes
 *
 * Packed, it is edited in a copy (the scratch) that rd_shape_close stores, so that a command that runs out of memory has
 * changed nothing. Indexed, it is edited where it is. It becomes indexed as soon as it outgrows its limits
 * (rd_shape_limits), at once with the change that makes it so, and is never packed again.
 *
 *     struct rd_shape shape;
 *     if (!rd_shape_open(&shape, ...)) ...          wrong type
 *     struct rd_place_in at;
 *     if (rd_shape_find(&shape, &word, &at)) ...    at.item: its parts
 *     status = rd_shape_close(&shape);
 *
 * With the shard's lock held from open to close; nothing else may be stored in any shard meanwhile, other than by this.
 */
#ifndef RD_SHAPE_H
#define RD_SHAPE_H

#include "shape/tree.h"
#include "store/shaped.h"

/* Where a shape stops being packed: Redis's settings, of its type. */
struct rd_shape_limits {
    uint32_t entries;  /* items */
    uint32_t value;    /* bytes of a part's text */
    uint32_t bytes;    /* of the whole run; for lists (list-max-listpack-size below 0) */
    uint32_t integers; /* items of a set of integers (set-max-intset-entries) */
};

/* Kept from command to command by whoever runs them, one at a time. Owned, from malloc; empty at first. */
struct rd_shape_scratch {
    char *bytes; /* of the packed value that is changed */
    size_t capacity;
};

/* Once in a while: gives back what a large value has made of it. */
void rd_shape_scratch_rest(struct rd_shape_scratch *scratch);
void rd_shape_scratch_free(struct rd_shape_scratch *scratch);

struct rd_shape {
    struct rd_shard *shard;
    uint64_t hash;
    struct rd_key key;
    struct rd_found found;     /* its entry is NULL where there is no such key, until close */
    struct rd_shape_limits limits;
    struct rd_shape_scratch *scratch;
    int64_t expiry;            /* of the key, for what close stores; 0 = none */
    uint8_t kind;              /* the value's first byte */
    uint8_t parts;             /* of an item */
    bool dirty;                /* it has been changed */
    bool fresh;                /* indexed since it was opened: the root is the shape's own until it is closed */
    bool out_of_memory;        /* a change was not made */
    bool is_moved;             /* what is added leaves another key, or Redis never refuses it: the limit does not forbid it */
    bool owes_nothing;         /* it is made apart from its key, of more than was admitted: refused as soon as there is no room */
    uint64_t count;            /* items */
    /* Indexed: root is not NULL. Of a sorted set `tree` is by score, and `members` by member. */
    struct rd_tree tree, members;
    uint64_t weight;           /* rd_entry_weight when it was opened */
    bool was_timed;            /* rd_entry_is_timed then */
    /* Packed: the run, in the entry, or once it was changed in the scratch; and what goes with it. */
    const char *run;
    size_t length;
    int64_t next_expiry;       /* of fields; INT64_MAX: none */
};

/*
 * Opens what `found` names (of this key, perhaps nothing). False: it is of another type, and nothing is open. Of a hash
 * the fields whose time is over are gone. Nothing needs to be closed that was only looked at.
 */
bool rd_shape_open(struct rd_shape *shape, struct rd_shard *shard, uint64_t hash, struct rd_key key, struct rd_found found,
                   enum rd_type_of_value type, struct rd_shape_limits limits, struct rd_shape_scratch *scratch);

/*
 * Stores what was changed and tells of it; without an item the key is removed. RD_ERR_NO_MEMORY: a packed one is as it
 * was, an indexed one lacks what did not fit. shape->found is the entry as it is now, or none.
 */
RD_MUST_USE enum rd_status rd_shape_close(struct rd_shape *shape);

/*
 * Makes room under the limit for what is about to be added, before anything is changed, so that a command is refused
 * whole or not at all: what it then still lacks it may owe. RD_ERR_NO_MEMORY: refuse it.
 */
RD_MUST_USE enum rd_status rd_shape_admit(struct rd_shape *shape, uint64_t bytes);

/* To the item of that index, O(log count) when indexed; false, and behind the last one, where there is none. */
bool rd_shape_seek(struct rd_shape *shape, uint64_t index, struct rd_place_in *at);
/* To the next item; false, and behind the last one, at the end. */
bool rd_shape_next(struct rd_shape *shape, struct rd_place_in *at);
/* To the one before; false at the first one. Steps over a stretch of the run; on average a few items. */
bool rd_shape_previous(struct rd_shape *shape, struct rd_place_in *at);

/* The item with that first part: by hash when indexed (hash, set), else one after the other. */
bool rd_shape_find(struct rd_shape *shape, const struct rd_word *word, struct rd_place_in *at);

/*
 * Changes. `item` is its parts as bytes (rd_word_write), borrowed. False: no memory, see out_of_memory.
 *
 * add: where it belongs, of a set or a hash that does not have it. Of a hash, item may lack the time: nothing.
 * insert: in front of the place, which then is on the new item; of a list.
 * replace: over the item at the place; the first part stays the same, but of a list.
 * erase: the place then is on the item behind, unless it was found by rd_shape_find, after which it is nowhere.
 */
bool rd_shape_add(struct rd_shape *shape, const struct rd_word *word, struct rd_slice item);
bool rd_shape_insert(struct rd_shape *shape, struct rd_place_in *at, struct rd_slice item);
bool rd_shape_replace(struct rd_shape *shape, struct rd_place_in *at, struct rd_slice item);
void rd_shape_erase(struct rd_shape *shape, struct rd_place_in *at);
/*
 * Takes out so many items from that index on, which are there, but not of a hash, whose times are counted one by one; of a
 * large value most of them at once, to be taken apart later. A place is not valid after it. False: no memory, no change.
 */
bool rd_shape_erase_range(struct rd_shape *shape, uint64_t index, uint64_t count);

/*
 * Of a set or sorted set without an item: adds those of the run, so many, each member once; of a sorted set they are in its
 * order. Large ones are built from them, for a fraction of what adding each takes. False: no memory.
 */
bool rd_shape_fill(struct rd_shape *shape, struct rd_slice run, uint64_t count);

/*
 * Of an indexed one, since a packed one without memory is as it was: what is at the place can be erased without any from now
 * on, though a reply may refer to it. The place is not valid after it. False: no memory, no change.
 */
bool rd_shape_own(struct rd_shape *shape, struct rd_place_in *at);

/* A place behind the last item: rd_shape_insert there appends. */
void rd_shape_end(struct rd_shape *shape, struct rd_place_in *at);

/*
 * Sorted sets. find_member: where the member is, with its score. seek_score: to the first item whose (score, member) is
 * not below; with `after`, is above; members are compared bytewise, and an empty one is below all others. at->index is the rank.
 */
bool rd_zset_find(struct rd_shape *shape, const struct rd_word *member, double *score);
bool rd_zset_seek(struct rd_shape *shape, double score, struct rd_slice member, bool after, struct rd_place_in *at);
bool rd_zset_add(struct rd_shape *shape, const struct rd_word *member, double score);    /* it is not there */
bool rd_zset_remove(struct rd_shape *shape, const struct rd_word *member, double score); /* it is there with that score */
/* It is there with the old score; where memory is out, it still is. */
bool rd_zset_rescore(struct rd_shape *shape, const struct rd_word *member, double old, double score);

/*
 * A walk that goes on from call to call without a state here (HSCAN, SSCAN, ZSCAN): visits the items of one stretch and
 * returns where the next one begins, 0 after the last. What is there all the time is visited at least once. Packed, all
 * is one stretch.
 */
typedef void rd_shape_visit_fn(void *context, const char *item);
uint64_t rd_shape_scan(struct rd_shape *shape, uint64_t cursor, rd_shape_visit_fn *visit, void *context);

/* The part behind another one of the same item. */
static inline const char *rd_part_after(const char *part) {
    return part + rd_part_room(part);
}

/* The time of a field in a timed hash, Unix time in ms; 0: none. */
int64_t rd_field_expiry(const struct rd_shape *shape, const char *item);
/*
 * Each field has room for a time from now on; one that is there stays. A place is not valid after it. False: no memory.
 */
bool rd_shape_make_timed(struct rd_shape *shape);

/* Removes fields whose time is over (struct rd_shapes). */
bool rd_shape_expire(struct rd_shard *shard, uint64_t hash, struct rd_found *found, int64_t now);

/* The slots that the store has of it (store/shaped.h). */
extern const struct rd_shapes rd_shapes;

#endif
