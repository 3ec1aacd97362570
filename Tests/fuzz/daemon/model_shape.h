/*
 * This file owns values with a shape in the model, each an array of items, and what the commands on hashes, sets, lists and
 * sorted sets, and on whole keys, are made of.
 */
#ifndef FUZZ_MODEL_SHAPE_H
#define FUZZ_MODEL_SHAPE_H

#include "answer.h"
#include "model.h"

#define SHAPE_NONE UINT32_MAX

/* One command on keys of any type: makes it, runs it, and adds what must be answered. */
void shape_request(const struct model_call *call);

/* Its families. */
void shape_hash_request(const struct model_call *call);
void shape_hash_time_request(const struct model_call *call);
void shape_set_request(const struct model_call *call);
void shape_list_request(const struct model_call *call);
void shape_list_move_request(const struct model_call *call);
void shape_zset_request(const struct model_call *call);
void shape_zset_range_request(const struct model_call *call);
void shape_key_request(const struct model_call *call);

/* Values. A key without an item is gone. */
uint32_t shape_find(const struct model_key *key, struct rd_slice name);
struct model_item *shape_insert(struct model_key *key, uint32_t at, struct rd_slice name);
void shape_remove(struct model_key *key, uint32_t at);
/* Where a member of that score belongs. */
uint32_t shape_place(const struct model_key *key, double score, struct rd_slice name);
/* It is of that type, and empty if it was not there. */
void shape_begin(struct model_key *key, enum model_type type);
/* An item is about to be the first, or all are gone: is there one now? */
void shape_end(struct model_key *key);
/* Of the other's value and time to live; not its name. They differ. */
void shape_copy(struct model_key *to, const struct model_key *from);
void shape_expire(struct model_key *key, long long now);
void shape_free(struct model_key *key);
int shape_compare(struct rd_slice a, struct rd_slice b);

static inline struct rd_slice slice_of(const struct bytes *bytes) {
    return (struct rd_slice){bytes->at, bytes->length};
}

static inline void bytes_set(struct bytes *bytes, struct rd_slice value) {
    bytes->length = 0;
    bytes_add(bytes, value.bytes, value.length);
}

/* How many items: 0 of a key that is not there. */
static inline uint32_t shape_count(const struct model_key *key) {
    return key->is_there ? key->count : 0;
}

/* Keys: mostly one of the type, or none; any; its name as an argument. */
struct model_key *shape_pick(const struct model_call *call, enum model_type type);
struct model_key *shape_any_key(const struct model_call *call);
void shape_add_key(const struct model_call *call, const struct model_key *key);
/* A command whose first argument is a key; the key. */
struct model_key *shape_command(const struct model_call *call, enum model_type type, const char *command);
/* Another type is there: that is answered. */
bool shape_is_wrong(const struct model_call *call, const struct model_key *key, enum model_type type);

/* Arguments; the number of the one that was added. A name of one of few items; a value; an index near both ends. */
uint32_t shape_add_name(const struct model_call *call);
uint32_t shape_add_value(const struct model_call *call);
long long shape_add_index(const struct model_call *call);
double shape_add_score(const struct model_call *call);
static inline struct rd_slice shape_argument(const struct model_call *call, uint32_t number) {
    return request_argument(call->request, number);
}
/* A command, whole, that removes some items of a key by their names. */
void shape_remove_some(const struct model_call *call, enum model_type type, const char *command);
/*
 * A command that pops from the first of several keys that is there, at a side, and what comes before the items in its answer;
 * *wanted: how many those are at most. NULL: all is answered.
 */
struct model_key *shape_pop_of_several(const struct model_call *call, enum model_type type, const char *command, const char *side,
                                       uint32_t *wanted);
/* Seconds that the clock of this run either leaves far behind, or does not reach. */
long long shape_any_seconds(const struct model_call *call);

/* Which of so many items from `first` to `last` are, as Redis counts them, negative ones from the end. */
struct shape_span {
    uint32_t from, to;
};
struct shape_span shape_span(uint32_t count, long long first, long long last);

/* Answers. */
void shape_answer_number(const struct model_call *call, long long number);
void shape_answer_bulk(const struct model_call *call, struct rd_slice bytes);
void shape_answer_score(const struct model_call *call, double score);
void shape_answer_error(const struct model_call *call, const char *error);
/* What each item's part is in groups of any order: the names, the values, both. Not for a part of another reply. */
enum shape_parts {
    SHAPE_NAMES,
    SHAPE_VALUES,
    SHAPE_BOTH,
    SHAPE_SCORES, /* names and scores */
};
/* A walk over all of it by HSCAN, SSCAN or ZSCAN, in one go. */
void shape_scan(const struct model_call *call, enum model_type type);
void shape_answer_unordered(const struct model_call *call, const struct model_key *key, enum shape_parts parts);

#endif
