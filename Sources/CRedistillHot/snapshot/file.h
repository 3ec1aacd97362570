/*
 * This file owns writing a file that takes another's place only once all of it is on the disk: a new one beside it, locked
 * while it is written, synced, renamed over the old one, and the directory synced. Its bytes go out in large pieces, each
 * started on its way to the disk at once and dropped from the page cache behind, so that nobody else's writes or memory
 * wait for all of it in the end.
 */
#ifndef RD_SNAPSHOT_FILE_H
#define RD_SNAPSHOT_FILE_H

#include <stdint.h>

#include "redistill_hot.h"

struct rd_snapshot_file {
    int fd;            /* -1: there is none */
    int error;         /* errno of the first failure; 0: none */
    const char *what;  /* the call that failed */
    char *path;        /* of the new file, owned */
    char *buffer;      /* owned */
    size_t used;
    uint64_t written;  /* to the file */
    uint64_t started;  /* of these, on their way to the disk */
    uint64_t checksum; /* of what was written */
};

/* Makes the new file, and takes away those that earlier ones have left. False: error and what say why. */
bool rd_snapshot_file_open(struct rd_snapshot_file *file, const char *path);
/* Each goes behind what is there: bytes as they are; a byte, eight bytes, a length, a text in Redis's forms (rdb_bytes.h). */
void rd_snapshot_put(struct rd_snapshot_file *file, const char *bytes, size_t length);
void rd_snapshot_put_byte(struct rd_snapshot_file *file, unsigned byte);
void rd_snapshot_put_eight(struct rd_snapshot_file *file, uint64_t value);
void rd_snapshot_put_length(struct rd_snapshot_file *file, uint64_t length);
void rd_snapshot_put_text(struct rd_snapshot_file *file, struct rd_slice text);
/* What is buffered goes into the checksum and out. */
void rd_snapshot_flush(struct rd_snapshot_file *file);
/* Over the old file. False: the old one is as it was, and the new one is gone, but where only its directory was not synced. */
bool rd_snapshot_file_settle(struct rd_snapshot_file *file, const char *path);
/* Takes the new file away, if it is there, and frees all. */
void rd_snapshot_file_drop(struct rd_snapshot_file *file);

/* Takes away new files beside the path that nobody writes any more: a killed process has left them. */
void rd_snapshot_file_sweep(const char *path);

#endif
