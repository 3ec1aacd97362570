/* This file owns removing what a flushed database has left, piece by piece. With the shard's lock held. */
#ifndef RD_BURY_H
#define RD_BURY_H

#include "store/shard.h"

/* Removes up to `most` entries of a keyspace, of which nobody is told. */
void rd_shard_drop_some(struct rd_shard *shard, uint32_t space, uint32_t most);

/* Removes a few of some keyspace that is dying; false when the shard has none of them any more. */
bool rd_shard_bury_some(struct rd_shard *shard);

#endif
