/* This file owns the ACL categories, in Redis's order, and which commands are of them. */
#ifndef RD_CATEGORY_H
#define RD_CATEGORY_H

#include "call/command.h"

#define RD_CATEGORIES 21

/* By number, below RD_CATEGORIES. */
const char *rd_category_name(size_t category);
/* By name in any case; RD_CATEGORIES: there is none. */
size_t rd_category_find(struct rd_slice name);
bool rd_category_has(size_t category, const struct rd_command *command);

/* Is the word one of these, which have spaces between? NULL: there are none. */
bool rd_words_have(const char *words, const char *word, size_t length);

#endif
