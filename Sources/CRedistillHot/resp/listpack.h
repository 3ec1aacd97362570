/*
 * This file owns Redis's listpack, in which its payloads have small hashes, sets, sorted sets and pieces of lists:
 *
 *   +-----------+------------+---------+---------+-----+------+
 *   | bytes, 32 | elements,16| element | element | ... | 0xff |   little-endian; 65535 elements: as many as there are
 *   +-----------+------------+---------+---------+-----+------+
 *
 *   element   0xxxxxxx                        integer 0..127
 *             10xxxxxx text                   text up to 63 bytes
 *             110xxxxx xxxxxxxx               integer of 13 bits, big-endian
 *             1110xxxx xxxxxxxx text          text up to 4095 bytes, big-endian
 *             0xf0 length(4) text             longer text
 *             0xf1, 0xf2, 0xf3, 0xf4          integer of 2, 3, 4, 8 bytes
 *   and behind each how many bytes it has, seven bits a byte, to be read from the back.
 *
 * Source: https://github.com/antirez/listpack/blob/master/listpack.md
 */
#ifndef RD_LISTPACK_H
#define RD_LISTPACK_H

#include "resp/packed_run.h"

#define RD_LISTPACK_HEAD 6u
/* With the end. */
#define RD_LISTPACK_EMPTY (RD_LISTPACK_HEAD + 1u)
/* Redis makes none that is longer. */
#define RD_LISTPACK_MOST (1u << 30)

/* False: it does not have its own length, or no end. */
bool rd_listpack_open(struct rd_packed *packed, struct rd_slice run);

/* Bytes that the element takes. */
size_t rd_listpack_room(const struct rd_element *element);
/* Writes it; returns the end. Text that reads as an integer must be given as one, as Redis does it. */
char *rd_listpack_put(char *at, const struct rd_element *element);
/* Writes the head at `run`, which is to be so many bytes with it and the end, and the end. */
void rd_listpack_close(char *run, size_t bytes, uint64_t elements);

#endif
