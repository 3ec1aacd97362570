/* This file owns what the set commands share. */
#ifndef RD_COLLECTION_SET_H
#define RD_COLLECTION_SET_H

#include "call/shaped.h"

/* Adds a member that the set does not have. False: no memory, which rd_shape_close tells as well. */
bool rd_set_add(struct rd_shape *set, const struct rd_word *member);

/* Every member as a bulk string; of a large set when it is their turn to be sent. */
void rd_reply_members(struct rd_call *call, struct rd_shape *set);

#endif
