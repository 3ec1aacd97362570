/*
 * This file owns the plain model: what one client has under its own keys, strings and values with a shape, with times to
 * live, and what the daemon must answer. It shares no code with the daemon, but for the checksum of a payload of DUMP.
 */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "random.h"
#include "request.h"

/* Strings first; then those that may have any type. */
#define MODEL_STRINGS 12
#define MODEL_SHAPES 5
#define MODEL_KEYS (MODEL_STRINGS + MODEL_SHAPES)

enum model_type {
    MODEL_STRING,
    MODEL_HASH,
    MODEL_SET,
    MODEL_LIST,
    MODEL_ZSET,
};

/* A field, member or element. */
struct model_item {
    struct bytes name, value; /* the value is a field's */
    double score;
    long long expiry;         /* of a field, Unix ms; 0: none */
};

struct model_key {
    char name[512];
    size_t name_length;
    bool is_there;
    enum model_type type;
    struct bytes value;       /* of a string */
    struct model_item *items; /* in their order; a set's and a hash's in any. Those behind `count` keep their memory */
    uint32_t count, room;
    long long expiry; /* Unix ms; 0: none */
};

struct model {
    struct model_key keys[MODEL_KEYS];
    bool queueing;
    uint32_t queued;
    struct bytes results; /* of the queued */
    /* What DUMP was asked of last, and what it said: nothing until that comes. */
    struct model_key dumped;
    struct bytes payload;
};

/* How the answer to a request is to be looked at. */
struct model_answer {
    struct bytes text; /* what it must say (answer.h); owned */
    uint32_t group;    /* 0: exactly that; else an array of groups of so many elements, in any order: sorted here */
    bool is_payload;   /* it is a string to be kept in model.payload, and `text` says nothing */
};

/* A request in the making. */
struct model_call {
    struct model *model;
    struct fuzz_random *random;
    long long now;
    size_t longest; /* of a value */
    struct request *request;
    struct bytes *expected;
    struct model_answer *whole; /* NULL: the reply becomes a part of another, and its order has to be known */
};

void model_begin(struct model *model, uint32_t client);
void model_end(struct model *model);

/* Forgets what has expired by now. */
void model_expire(struct model *model, long long now);
/* Makes the next request and says what the answer must be. `longest` bounds values. */
void model_request(struct model *model, struct fuzz_random *random, long long now, size_t longest,
                   struct request *request, struct model_answer *answer);

/* One command, of the strings or of the others; adds what must be answered. */
void model_command(const struct model_call *call);

#endif
