/* This file owns what COMMAND INFO says of a command. */
#ifndef RD_DESCRIBE_H
#define RD_DESCRIBE_H

#include "call/index.h"

/* Writes the ten elements of the command of that number, its subcommands among them. */
void rd_describe(struct rd_reply *reply, const struct rd_command_index *index, uint32_t number);

/* A flag that COMMAND INFO knows, or "@" and an ACL category: what the docs' `also` is made of. */
bool rd_describe_knows(const char *word, size_t length);

/* Words with spaces between them, as a set of simple strings; NULL: none. */
void rd_describe_words(struct rd_reply *reply, const char *words);

#endif
