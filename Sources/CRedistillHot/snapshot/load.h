/*
 * This file owns the reading of a file of Redis's into the store: all of it, or, where it is damaged or can't be read to
 * its end, nothing. Keys of types that are not here, and those of databases that are not, are passed over and counted.
 */
#ifndef RD_SNAPSHOT_LOAD_H
#define RD_SNAPSHOT_LOAD_H

#include <stdatomic.h>

#include "base/settings.h"
#include "snapshot/reader.h"
#include "store/store.h"

#define RD_FILE_FORMS 256

/* What has become of a file. */
enum rd_load_outcome {
    RD_LOAD_WHOLE,
    RD_LOAD_NONE,      /* there is no file */
    RD_LOAD_DAMAGED,   /* cut, malformed, or of another checksum */
    RD_LOAD_FOREIGN,   /* no file of Redis's, of a newer version than any known, or with a value of unknown length */
    RD_LOAD_FAILED,    /* the system's error */
    RD_LOAD_CANCELLED,
};

struct rd_load_counts {
    uint64_t keys, expired;
    uint64_t of_type[RD_FILE_FORMS]; /* left out, by the type's number */
    uint64_t of_database;            /* left out: there is no such database */
    uint64_t without_room;           /* refused by the memory limit */
    uint64_t too_large;              /* more than the memory limit, or max_bulk_length, allows at all */
    uint64_t malformed;              /* their value is not what its type says */
    uint64_t functions;              /* libraries of functions */
};

struct rd_load {
    struct rd_store *store;             /* borrowed, as what follows */
    const struct rd_settings *settings;
    const _Atomic bool *cancelled;
    _Atomic uint64_t *done;             /* keys loaded so far */
    struct rd_load_counts counts;
    int error;                          /* errno of RD_LOAD_FAILED */
    unsigned form;                      /* the type that RD_LOAD_FOREIGN is about; 0: the file's head is */
    uint64_t offset;                    /* of the file, where it ended */
};

enum rd_load_outcome rd_load_file(struct rd_load *load, const char *path);
/* The same of a file that is open, and so long; it is read from where it stands. For tests, too. */
enum rd_load_outcome rd_load_descriptor(struct rd_load *load, int fd, uint64_t size);

#endif
