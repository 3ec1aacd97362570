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
 * rd_options of the next server, in this process or in another. -1: rd_options.keeps_store was not set, or they could not
 * be kept.
 */
int rd_server_park(struct rd_server *server);

/* Has it the keys of rd_options.parked_store? *why_not is NULL, or says why it has not, or cannot keep its own. */
bool rd_server_has_adopted(const struct rd_server *server, const char **why_not);

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
