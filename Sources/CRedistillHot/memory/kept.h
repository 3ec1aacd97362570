/*
 * This file owns blocks of the store's own books (arrays of slabs, directories, heads of spans ...): of the heap, or, in
 * a store that is kept for the next process, of its region. There a block has 2^n bytes, the first 16 of which say so;
 * what was given back serves the next of its size, so that no more than twice what was ever wanted at once is taken.
 */
#ifndef RD_KEPT_H
#define RD_KEPT_H

#include "memory/region.h"

/* As malloc, calloc, realloc and free; NULL when memory is out. A region of NULL: the heap. Any thread. */
RD_MUST_USE void *rd_kept_new(struct rd_region *region, size_t bytes);
RD_MUST_USE void *rd_kept_new_zeroed(struct rd_region *region, size_t bytes);
RD_MUST_USE void *rd_kept_resize(struct rd_region *region, void *block, size_t bytes);
void rd_kept_free(struct rd_region *region, void *block);

#endif
