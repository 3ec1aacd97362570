/* This file owns the ends of a list. */
#include "collection/elements.h"

void rd_elements_at_end(struct rd_shape *list, enum rd_list_end end, struct rd_place_in *at) {
    (void)rd_shape_seek(list, end == RD_LIST_LEFT ? 0 : list->count - 1, at);
}

bool rd_elements_push(struct rd_shape *list, enum rd_list_end end, struct rd_slice item) {
    struct rd_place_in at;
    if (end == RD_LIST_LEFT) (void)rd_shape_seek(list, 0, &at);
    else rd_shape_end(list, &at);
    return rd_shape_insert(list, &at, item);
}
