/*
 * This file owns reading a file of Redis's from its front to its end through a window, and the sizes of what is in it. Of a
 * value so much is kept as one wants to look at in one piece; nothing that a file announces takes memory before it is there,
 * and what it announces beyond its own end is damage, seen at once.
 */
#ifndef RD_SNAPSHOT_READER_H
#define RD_SNAPSHOT_READER_H

#include <stdint.h>

#include "resp/rdb.h"

enum rd_reading {
    RD_READ_OK,
    RD_READ_DAMAGED,
    RD_READ_FAILED,    /* the system's error, or memory is out: errno says which */
};

struct rd_file_reader {
    int fd;              /* borrowed */
    enum rd_reading state; /* what has gone wrong first; then nothing more is read */
    int error;           /* errno of RD_READ_FAILED */
    uint64_t unread;     /* bytes of the file that are not in the window yet */
    char *window;        /* owned */
    size_t capacity, start, at, end; /* start: where what is kept begins, and at most `at` */
    bool keeps;          /* what was passed since rd_file_reader_keep is still there */
    uint64_t keep_most;  /* beyond so many bytes it is not kept any more */
    size_t summed;       /* up to here the checksum is of */
    uint64_t checksum;
};

void rd_file_reader_open(struct rd_file_reader *reader, int fd, uint64_t size, uint64_t keep_most);
void rd_file_reader_close(struct rd_file_reader *reader);

/* From here on what is passed is kept, until it is asked again, or is too much. */
void rd_file_reader_keep(struct rd_file_reader *reader);
void rd_file_reader_let_go(struct rd_file_reader *reader);

/* Each is false when the reader's state says that it can't go on. */
bool rd_file_reader_byte(struct rd_file_reader *reader, uint8_t *byte);
bool rd_file_reader_bytes(struct rd_file_reader *reader, char *to, size_t length);
bool rd_file_reader_length(struct rd_file_reader *reader, uint64_t *length);
bool rd_file_reader_pass_lengths(struct rd_file_reader *reader, int count);
bool rd_file_reader_pass(struct rd_file_reader *reader, uint64_t length);
bool rd_file_reader_pass_string(struct rd_file_reader *reader);
/* Past a value of that type. False with a sound reader: nobody knows how long such a value is. */
bool rd_file_reader_pass_value(struct rd_file_reader *reader, uint8_t form, unsigned version);
/* Past what a module has written. */
bool rd_file_reader_pass_module(struct rd_file_reader *reader);

/* The checksum of all that was read up to here. */
uint64_t rd_file_reader_checksum(struct rd_file_reader *reader);

#endif
