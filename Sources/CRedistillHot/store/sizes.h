/*
 * This file owns how many keys and values of a database have which size. Nobody counts them as they come and go: who asks
 * has some keys looked at, and what those are stands for the others. Of a database with few keys all are looked at.
 */
#ifndef RD_SIZES_H
#define RD_SIZES_H

#include "store/store.h"

/* Keys that are looked at in all, at most some more: a third of a millisecond. */
#define RD_SIZES_SAMPLE 4096u

/* Any thread; a shard that somebody has locked is left out. */
void rd_store_sizes(struct rd_store *store, uint32_t database, int64_t now, struct rd_sizes *sizes);

#endif
