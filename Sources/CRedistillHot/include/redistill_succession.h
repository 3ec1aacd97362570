/* redistill_succession.h: what outlives a server, for the next one, as redistill_hot.h the rest. */
#ifndef REDISTILL_SUCCESSION_H
#define REDISTILL_SUCCESSION_H

#include "redistill_hot.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of this process that are in memory now, all keys included; 0 where the kernel does not tell. Any thread. */
uint64_t rd_server_resident(const struct rd_server *server);

/*
 * As rd_server_destroy, but the keys stay: the descriptor of the memory that they lie in, which the caller owns, for
 * rd_options of the next server, in this process or in another. -1: rd_options.keeping said so, or they could not
 * be kept.
 */
int rd_server_park(struct rd_server *server);

/* Of the keys of rd_options.parked_store. */
struct rd_adoption {
    bool has_adopted;     /* they are here */
    const char *why_not;  /* why they are not, or why the server cannot keep its own; NULL: all is well */
    /* Only where who left them has crashed. */
    bool after_crash;
    uint32_t shards;      /* that there were */
    uint32_t lost_shards; /* those that were being changed, or are unsound, and their keys with them */
    uint64_t lost_keys;   /* these, and those for which there was no room */
};
struct rd_adoption rd_server_adoption(const struct rd_server *server);

/*
 * The memory that the keys lie in, borrowed: with RD_KEEP_AFTER_CRASH whoever holds a copy can leave it to the next process
 * even if this one crashes. -1: there is none.
 */
int rd_server_store_descriptor(const struct rd_server *server);

/*
 * Descriptors of the listening sockets for the next process, one for each endpoint in their order, -1 where there is
 * none; owned by the caller. From now on the end of the server leaves the files of Unix sockets where they are. Before
 * rd_server_begin_drain.
 */
void rd_server_lend_listeners(struct rd_server *server, int *descriptors);

#ifdef __cplusplus
}
#endif

#endif
