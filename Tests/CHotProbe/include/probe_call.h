/*
 * This file owns calls of handlers as tests make them: a store, a loop and a connection of plain structs, without a
 * socket, a thread or a server.
 */
#ifndef PROBE_CALL_H
#define PROBE_CALL_H

#include "redistill_hot.h"

struct probe_store;
struct probe_caller;

/* The store is borrowed. NULL when memory is out. */
struct probe_caller *probe_caller_new(struct probe_store *store);
void probe_caller_free(struct probe_caller *caller);

/* Unix time in ms of the calls from now on. */
void probe_caller_set_now(struct probe_caller *caller, int64_t now);
/* Runs the handler of a command that is given as words between spaces; its reply is borrowed until the next. */
struct rd_slice probe_caller_run(struct probe_caller *caller, const char *words);

/* What was counted, and what was asked of the server that is not there. */
uint64_t probe_caller_hits(const struct probe_caller *caller);
uint64_t probe_caller_misses(const struct probe_caller *caller);
uint64_t probe_caller_purges(const struct probe_caller *caller);

#endif
