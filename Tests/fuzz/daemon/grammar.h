/*
 * This file owns the requests of every command in the daemon's own table: from a rule where there is one, and from
 * arity and key positions where there is none, so that a new command is fuzzed from its first day.
 */
#ifndef FUZZ_GRAMMAR_H
#define FUZZ_GRAMMAR_H

#include "words.h"

/* A command's arguments, in the language that grammar.c describes. */
struct grammar_rule {
    const char *name, *arguments;
};

/* Of hashes, lists, sets and sorted sets; ended by one without a name. */
extern const struct grammar_rule grammar_shapes[];

/* Commands and subcommands. */
uint32_t grammar_count(void);
/* The full name of one: "client|kill". */
const char *grammar_name(uint32_t number);

/* A request of that command, mostly well formed. */
void grammar_request(struct request *request, uint32_t number, struct fuzz_random *random, const struct words *words);

#endif
