/*
 * This file owns which members a command has come upon: a table of parts that lie elsewhere, each of them once. They must
 * not move meanwhile, so nothing may be stored.
 */
#ifndef RD_MEMBERS_H
#define RD_MEMBERS_H

#include "store/store.h"

/* So many places are in the struct itself: mostly they are enough. */
#define RD_MEMBERS_FEW 512

struct rd_members {
    struct rd_store *store;
    const char **places;    /* by hash, with gaps; NULL: free */
    uint64_t capacity;      /* a power of two */
    uint64_t count;
    struct rd_blob *memory; /* of the places; NULL: they are the ones below */
    bool out_of_memory;     /* one was not noted */
    const char *few[RD_MEMBERS_FEW];
};

void rd_members_begin(struct rd_members *members, struct rd_store *store);
void rd_members_end(struct rd_members *members);

/* Notes a part; false where it is noted already, or was not for want of memory. */
bool rd_members_add(struct rd_members *members, const char *part);
bool rd_members_have(const struct rd_members *members, const char *part);

#endif
