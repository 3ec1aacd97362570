/* This file owns reading replies: where each ends, and what it says, as one line of text to compare. */
#ifndef FUZZ_ANSWER_H
#define FUZZ_ANSWER_H

#include "bytes.h"
#include "redistill_hot.h"

enum answer_kind {
    ANSWER_MORE,    /* not all of it is there */
    ANSWER_BAD,     /* no RESP */
    ANSWER_WHOLE,  /* to a request */
    ANSWER_PUSH,    /* to none: invalidations */
    ANSWER_MONITOR, /* a line of MONITOR */
};

struct answer {
    enum answer_kind kind;
    size_t length;
    char type;              /* the first byte */
    struct rd_slice string; /* of a simple or bulk string or an error, within what was read */
    bool corrupt;           /* somewhere in it stands a named value whose bytes are wrong */
};

/* Reads the reply at the start; `text` is set to what it says, long strings by length and sum. */
struct answer answer_read(const char *bytes, size_t length, struct bytes *text);

/* Elements of an array in groups that may come in any order, to be compared when they are sorted. */
struct answer_groups {
    struct bytes text;
    size_t *ends;
    uint32_t count, room;
};

void answer_groups_clear(struct answer_groups *groups);
/* What was added to the text since the last one is a group. */
void answer_groups_close(struct answer_groups *groups);
/* Adds the text of the array of all of them, of so many elements each, sorted. */
void answer_groups_sort(struct answer_groups *groups, uint32_t elements, struct bytes *text);

/*
 * The text of a whole array with its groups of so many elements sorted, or of that behind a cursor; another reply's text
 * stays as it is.
 */
void answer_sort(const char *bytes, size_t length, uint32_t elements, struct bytes *text);

/* The text of a string, an error or status, a number, an array's head, null. */
void answer_text_bulk(struct bytes *text, const char *bytes, size_t length);
void answer_text_status(struct bytes *text, const char *status);
void answer_text_number(struct bytes *text, long long number);
void answer_text_array(struct bytes *text, size_t count);
void answer_text_null(struct bytes *text);

#endif
