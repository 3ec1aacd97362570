/* This file owns what a command of many keys opens: all of its sets at one moment, or the first of its keys that is there. */
#ifndef RD_SOURCES_H
#define RD_SOURCES_H

#include "call/shaped.h"
#include "command/multi.h"

#define RD_SOURCES_FEW 16

struct rd_sources {
    struct rd_shape *sets;  /* those that are there, in the order of their keys until they are sorted */
    uint32_t count;
    uint32_t missing;       /* keys with nothing there */
    bool lacks_first;       /* the first key is one of them */
    struct rd_blob *memory; /* of the sets; NULL: they are the ones below */
    struct rd_shape few[RD_SOURCES_FEW];
};

/*
 * Opens what the keys from number `first` of the multi on name, which are the arguments from `argument` on. False: one is
 * no set, or there is no memory, which has been replied; nothing is to be ended then.
 */
RD_MUST_USE bool rd_sources_begin(struct rd_sources *sources, struct rd_call *call, const struct rd_multi *multi, uint32_t first,
                                  uint32_t argument);
void rd_sources_end(struct rd_sources *sources);

/*
 * The first of the multi's keys that is there, all of which are the arguments from `argument` on; *at: which of these. The
 * shape has no item where none is. False: one before it is of another type, which has been replied.
 */
RD_MUST_USE bool rd_sources_first(struct rd_call *call, const struct rd_multi *multi, uint32_t argument,
                                  enum rd_type_of_value type, uint32_t *at, struct rd_shape *shape);

/* From the set numbered `first` on: the smallest first, or the largest. */
void rd_sources_sort(struct rd_sources *sources, uint32_t first, bool ascending);

#endif
