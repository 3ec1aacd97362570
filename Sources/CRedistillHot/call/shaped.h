/* This file owns how handlers open values with a shape, and reply their parts. */
#ifndef RD_CALL_SHAPED_H
#define RD_CALL_SHAPED_H

#include "call/handler.h"
#include "shape/shape.h"

/* Opens what a key of the call names, with its shard locked. False: it is of another type, which has been replied. */
bool rd_call_open_at(struct rd_call *call, struct rd_shape *shape, struct rd_shard *shard, uint64_t hash, struct rd_key key,
                     struct rd_found found, enum rd_type_of_value type);
/* The same for the call's own key, for a command of one. To read it, which counts a hit or miss and marks its use; to write it. */
bool rd_call_open_to_read(struct rd_call *call, struct rd_shape *shape, enum rd_type_of_value type);
bool rd_call_open_to_write(struct rd_call *call, struct rd_shape *shape, enum rd_type_of_value type);
/* Admits what the arguments from that one on are about to add. False: OOM has been replied. */
bool rd_call_admit(struct rd_call *call, struct rd_shape *shape, uint32_t first);
/* Closes it. False: OOM has been replied, so that nothing else may be. */
bool rd_call_close(struct rd_call *call, struct rd_shape *shape);

/* The same for what has replied before it is done: OOM instead of all since the mark. */
void rd_call_close_from(struct rd_call *call, struct rd_shape *shape, struct rd_reply_mark mark);

/*
 * A new value for a key, made apart from what is there, and put in its place once all of it is there, whatever type that
 * has: a command which memory does not suffice for changes nothing. `bytes` are about to be added. False: OOM has been
 * replied.
 */
bool rd_call_open_anew(struct rd_call *call, struct rd_shape *shape, struct rd_shard *shard, uint64_t hash, struct rd_key key,
                       enum rd_type_of_value type, uint64_t bytes);
/* Without an item what is there goes. */
bool rd_call_close_over(struct rd_call *call, struct rd_shape *shape);

/* A part as a bulk string; of a score use rd_reply_score. */
void rd_reply_part(struct rd_reply *reply, const char *part);

#endif
