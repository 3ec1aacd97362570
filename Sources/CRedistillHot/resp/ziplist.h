/*
 * This file owns Redis's ziplist and zipmap, in which servers before 7.0, and before 2.6, wrote what is small. They are
 * only read.
 *
 *   ziplist   bytes(4) tail(4) elements(2)  element ...  0xff          little-endian; 65535: as many as there are
 *   element   bytes of the element before: one, or 0xfe and four; then
 *             00xxxxxx text, 01xxxxxx xxxxxxxx text, 10...... length(4) text      big-endian
 *             0xc0, 0xd0, 0xe0, 0xf0, 0xfe                integer of 2, 4, 8, 3, 1 bytes
 *             0xf1 .. 0xfd                                integer 0..12
 *
 *   zipmap    fields(1)  { length field  length free(1) value and so many bytes that are free }  0xff
 *             a length is one byte up to 253, or 0xfe and four; from 254 fields on nothing is said of how many
 *
 * Sources: Redis's ziplist.c and zipmap.c, the comments at their beginning.
 */
#ifndef RD_ZIPLIST_H
#define RD_ZIPLIST_H

#include "resp/packed_run.h"

/* False: it does not have its own length, or no end. */
bool rd_ziplist_open(struct rd_packed *packed, struct rd_slice run);
/* Fields and values in turn. */
bool rd_zipmap_open(struct rd_packed *packed, struct rd_slice run);

#endif
