/*
 * This file owns Redis's intset, in which its payloads have small sets of nothing but integers:
 *
 *   +--------------------+-----------+----------------------------------+
 *   | width, 32: 2, 4, 8 | count, 32 | integers of that width, ascending|   little-endian
 *   +--------------------+-----------+----------------------------------+
 */
#ifndef RD_INTSET_H
#define RD_INTSET_H

#include "resp/packed_run.h"

#define RD_INTSET_HEAD 8u

/* False: it does not have its own length, or nothing in it. */
bool rd_intset_open(struct rd_packed *packed, struct rd_slice run);

/* The least width that all of lowest..highest fit into. */
uint32_t rd_intset_width(int64_t lowest, int64_t highest);
/* Writes the head, and an integer; each returns the end. */
char *rd_intset_put_head(char *at, uint32_t width, uint32_t count);
char *rd_intset_put(char *at, uint32_t width, int64_t value);

#endif
