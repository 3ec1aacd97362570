/*
 * This file owns the requests of every command in the daemon's own table: from a rule where there is one, and from
 * arity and key positions where there is none, so that a new command is fuzzed from its first day.
 */
#ifndef FUZZ_GRAMMAR_H
#define FUZZ_GRAMMAR_H

#include "words.h"

/* Commands and subcommands. */
uint32_t grammar_count(void);
/* The full name of one: "client|kill". */
const char *grammar_name(uint32_t number);

/* A request of that command, mostly well formed. */
void grammar_request(struct request *request, uint32_t number, struct fuzz_random *random, const struct words *words);

#endif
