/*
 * This file owns whether the keys of a call are this node's to serve, where there is a cluster; and what is said where they
 * are not. Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
 */
#ifndef RD_PLACEMENT_H
#define RD_PLACEMENT_H

#include "call/command.h"
#include "connection/cluster.h"

enum rd_place_of_keys {
    RD_KEYS_HERE,
    RD_KEYS_MOVED,      /* another node has their slot */
    RD_KEYS_CROSS_SLOT, /* they are in several */
    RD_KEYS_HELD,       /* the slot is ours again, or asked for, and what it had before is still to go */
};

struct rd_placement {
    enum rd_place_of_keys place;
    int32_t slot; /* of the keys so far, -1: there was none */
};

#define RD_NO_PLACEMENT ((struct rd_placement){RD_KEYS_HERE, -1})

/* Of a call whose arity fits, and of what came before it: where one is refused, `before` is. */
struct rd_placement rd_placement_of(const struct rd_conn *conn, const struct rd_command *command, const struct rd_slice *argv,
                                    uint32_t argc, struct rd_placement before);
/* The short way to the answer for most calls: is their one key here? */
static inline bool rd_placement_is_plain(const struct rd_cluster *cluster, const struct rd_command *command,
                                         const struct rd_slice *argv) {
    if (!(command->flags & RD_CMD_ONE_KEY) || cluster->holds) return false;
    return rd_cluster_has(cluster, rd_slot_of(argv[command->first_key]));
}

/* What of that shows already when only these arguments have come; false: the call will be refused for its place. */
bool rd_placement_begins(const struct rd_conn *conn, const struct rd_command *command, const struct rd_slice *argv,
                         uint32_t argc);

/* Why keys are not here. */
void rd_placement_refuse(struct rd_reply *reply, const struct rd_conn *conn, struct rd_placement placement);

#endif
