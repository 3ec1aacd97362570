/* This file owns the ends of a list: elements are put there, and looked at there. */
#ifndef RD_ELEMENTS_H
#define RD_ELEMENTS_H

#include "call/shaped.h"
#include "collection/item.h"

enum rd_list_end {
    RD_LIST_LEFT,
    RD_LIST_RIGHT,
};

/* Puts an element at an end. False: no memory. */
RD_MUST_USE bool rd_elements_push(struct rd_shape *list, enum rd_list_end end, struct rd_slice item);
/* The element at an end, of a list that has one. */
void rd_elements_at_end(struct rd_shape *list, enum rd_list_end end, struct rd_place_in *at);

#endif
