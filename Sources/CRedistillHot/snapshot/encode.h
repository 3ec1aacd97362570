/*
 * This file owns how a captured entry stands in a file: in forms that every Redis since 2.6 reads (of sorted sets 4.0), none
 * of them packed, for a reader makes of them what its own limits say.
 *
 *   string STRING   list LIST   set SET   hash HASH, or HASH_METADATA where fields have times   sorted set ZSET_2
 */
#ifndef RD_SNAPSHOT_ENCODE_H
#define RD_SNAPSHOT_ENCODE_H

#include "snapshot/capture.h"
#include "snapshot/file.h"

/* Writes it. False, and nothing was written: fields have times, which the version does not know. */
bool rd_snapshot_encode(struct rd_snapshot_file *file, const struct rd_capture *capture, const struct rd_captured *entry,
                        unsigned version);

#endif
