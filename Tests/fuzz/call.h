/*
 * This file owns a command's call as the targets make one: a store, a worker and a connection without sockets and
 * threads, the same at the start of each input. Lines of the input are arguments, each in memory of just its length.
 */
#ifndef FUZZ_CALL_H
#define FUZZ_CALL_H

#include "call/command.h"

#define FUZZ_ARGUMENTS 64
/* Of a value: small, so that many inputs are tried in a second. */
#define FUZZ_VALUE_MOST (64u << 10)
/* Unix time in ms, for all calls. */
#define FUZZ_NOW 1700000000000

/* The arguments of one call, owned. */
struct fuzz_arguments {
    struct rd_slice at[FUZZ_ARGUMENTS];
    uint32_t count;
};

struct fuzz_answer {
    const char *bytes; /* blobs are put in; borrowed until the next call */
    size_t length;
};

/* Ends the run where it does not hold. */
void fuzz_require(bool holds);

/* The next line of *at, without its end; false when there is none. */
bool fuzz_line(const uint8_t **at, const uint8_t *end, struct rd_slice *line);

void fuzz_arguments_add(struct fuzz_arguments *arguments, const char *bytes, size_t length);
/* Adds the lines up to an empty one, or the end; what there is no room for is left out. */
void fuzz_arguments_read(struct fuzz_arguments *arguments, const uint8_t **at, const uint8_t *end);
void fuzz_arguments_free(struct fuzz_arguments *arguments);

/* An empty store, and RESP2. */
void fuzz_begin(void);
/* Empties it again: what only the store's own memory points to would count as leaked. */
void fuzz_end(void);
struct rd_store *fuzz_store(void);
void fuzz_set_protocol(uint8_t protocol);
/* What a handler is given, with its reply empty; shard and hash are those of the first key. */
struct rd_call fuzz_call(const struct fuzz_arguments *arguments);
/* Runs what the arguments name, as far as arity allows, and checks that it is answered once and soundly. */
struct fuzz_answer fuzz_run(const struct fuzz_arguments *arguments);
/* The same for a few texts, ended by NULL. */
struct fuzz_answer fuzz_ask(const char *word, ...);

/* The number of an integer reply; ends the run for any other. */
int64_t fuzz_integer(struct fuzz_answer answer);
bool fuzz_is_error(struct fuzz_answer answer);

#endif
