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

/* Room that rd_snapshot_room gives at most. */
#define RD_SNAPSHOT_ROOM (64u << 10)

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
/* Room for so many bytes, RD_SNAPSHOT_ROOM at most, behind what is there; then `used` is to be moved. Never NULL. */
char *rd_snapshot_room(struct rd_snapshot_file *file, size_t length);
void rd_snapshot_put(struct rd_snapshot_file *file, const char *bytes, size_t length);
/* What is buffered goes into the checksum and out. */
void rd_snapshot_flush(struct rd_snapshot_file *file);
/* Over the old file. False: the old one is as it was, and the new one is gone, but where only its directory was not synced. */
bool rd_snapshot_file_settle(struct rd_snapshot_file *file, const char *path);
/* Takes the new file away, if it is there, and frees all. */
void rd_snapshot_file_drop(struct rd_snapshot_file *file);

/* Takes away new files beside the path that nobody writes any more: a killed process has left them. */
void rd_snapshot_file_sweep(const char *path);

#endif
