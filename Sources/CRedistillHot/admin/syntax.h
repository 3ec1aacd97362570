/*
 * This file owns the notation in which a row's docs say what arguments a command takes (rd_command_docs.syntax), near
 * to that of Redis's pages:
 *
 *   key [EX seconds:integer] [condition(NX|XX)@2.6.12] [unit{offset:integer count:integer}] [field ...] [PREFIX prefix]...
 *
 *   name            a string;  name:TYPE of another type: integer, double, pattern, unix-time
 *   name#1          a key, of the second key specification; "key" alone is key#0;  name:pattern#1 patterns of keys
 *   name'text'      shown to people as that text
 *   TOKEN           a word that stands for itself;  name=TOKEN where the name is not the token in lower case
 *   TOKEN name      a word, and behind it the argument
 *   name(a|b)       one of these;  name{a b}  these, one after the other;  either may have a token
 *   @2.6.12 !6.2.0  since which version, and since when no longer to be used
 *   a ...           once or more often;  a+...  with its token every time
 *   [a]             may be left out;  [a ...]  any number of times;  [a]...  with its token every time
 */
#ifndef RD_SYNTAX_H
#define RD_SYNTAX_H

#include "resp/reply.h"

/* Writes the arguments as COMMAND DOCS lists them; false where the text is not in the notation, as no row's is. */
bool rd_syntax_reply(struct rd_reply *reply, const char *syntax);

#endif
