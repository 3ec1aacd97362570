/*
 * This file owns the options that SET, GETEX and MSETEX share: condition, time to live, GET, KEEPTTL, PERSIST.
 * Sources: https://redis.io/docs/latest/commands/set/ , getex, msetex, https://valkey.io/commands/set/
 */
#ifndef RD_SET_OPTIONS_H
#define RD_SET_OPTIONS_H

#include "call/handler.h"

enum rd_condition {
    RD_IF_ALWAYS,
    RD_IF_ABSENT,           /* NX */
    RD_IF_PRESENT,          /* XX */
    RD_IF_EQUAL,            /* IFEQ value: present and equal */
    RD_IF_NOT_EQUAL,        /* IFNE value: absent or different */
    RD_IF_DIGEST_EQUAL,     /* IFDEQ digest */
    RD_IF_DIGEST_NOT_EQUAL, /* IFDNE digest */
};

/* Which options a command has. */
enum rd_option_set {
    RD_OPTIONS_OF_SET = 1,
    RD_OPTIONS_OF_GETEX = 2,
    RD_OPTIONS_OF_MSETEX = 4,
};

struct rd_set_options {
    enum rd_condition condition;
    struct rd_slice operand; /* of the conditions that have one */
    bool get, keep_ttl, persist;
    struct rd_slice expire;  /* its argument; bytes NULL when there is none */
    enum rd_time_unit unit;
    bool absolute;
};

/* Reads the arguments from `first` on, in any order; false, with the error written, when they contradict each other. */
bool rd_set_options_parse(struct rd_call *call, uint32_t first, enum rd_option_set set, struct rd_set_options *options);

/* Reads EX, PX, EXAT or PXAT; false when the word is none of them. */
bool rd_expire_named(struct rd_slice word, enum rd_time_unit *unit, bool *absolute);
/* Reads IFEQ, IFNE, IFDEQ or IFDNE; false when the word is none of them. */
bool rd_condition_named(struct rd_slice word, enum rd_condition *condition);
/*
 * False, with the error written, when the condition wants a digest and the operand has not its length. As in Redis,
 * only asked when the key is there, and what is no hexadecimal digit just equals nothing.
 */
bool rd_condition_accepts(struct rd_call *call, enum rd_condition condition, struct rd_slice operand);
/* Is the condition one on a string's value, not on whether it is there? */
static inline bool rd_condition_reads(enum rd_condition condition) {
    return condition >= RD_IF_EQUAL;
}
/* Does the condition hold for the entry (NULL: absent)? */
bool rd_condition_holds(enum rd_condition condition, struct rd_slice operand, const struct rd_entry *entry);

#endif
