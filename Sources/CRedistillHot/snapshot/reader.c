/* This file owns the window over a file. */
#include "snapshot/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WINDOW (1u << 20)

void rd_file_reader_open(struct rd_file_reader *reader, int fd, uint64_t size, uint64_t keep_most) {
    *reader = (struct rd_file_reader){.fd = fd, .unread = size, .keep_most = keep_most};
}

void rd_file_reader_close(struct rd_file_reader *reader) {
    free(reader->window);
    reader->window = NULL;
}

static bool stop(struct rd_file_reader *reader, enum rd_reading state, int error) {
    if (reader->state == RD_READ_OK) {
        reader->state = state;
        reader->error = error;
    }
    return false;
}

void rd_file_reader_keep(struct rd_file_reader *reader) {
    reader->start = reader->at;
    reader->keeps = true;
}

void rd_file_reader_let_go(struct rd_file_reader *reader) {
    reader->keeps = false;
}

static void sum_up_to(struct rd_file_reader *reader, size_t place) {
    reader->checksum = rd_rdb_checksum(reader->checksum, reader->window + reader->summed, place - reader->summed);
    reader->summed = place;
}

uint64_t rd_file_reader_checksum(struct rd_file_reader *reader) {
    if (reader->window) sum_up_to(reader, reader->at);
    return reader->checksum;
}

/* What is kept, or only what is still to be read, moves to the front. */
static void move_up(struct rd_file_reader *reader) {
    if (reader->keeps && reader->at - reader->start > reader->keep_most) reader->keeps = false;
    if (!reader->keeps) reader->start = reader->at;
    sum_up_to(reader, reader->at);
    if (reader->start == 0) return;
    memmove(reader->window, reader->window + reader->start, reader->end - reader->start);
    reader->at -= reader->start;
    reader->end -= reader->start;
    reader->summed -= reader->start;
    reader->start = 0;
}

static bool grow(struct rd_file_reader *reader) {
    size_t wanted = reader->capacity ? reader->capacity * 2 : WINDOW;
    char *grown = realloc(reader->window, wanted);
    if (!grown) return stop(reader, RD_READ_FAILED, ENOMEM);
    reader->window = grown;
    reader->capacity = wanted;
    return true;
}

/* More of the file behind what is there. */
static bool read_more(struct rd_file_reader *reader) {
    if (reader->state != RD_READ_OK) return false;
    if (reader->unread == 0) return stop(reader, RD_READ_DAMAGED, 0);
    if (reader->window) move_up(reader);
    if (reader->end == reader->capacity && !grow(reader)) return false;
    size_t room = reader->capacity - reader->end;
    if (room > reader->unread) room = (size_t)reader->unread;
    ssize_t count;
    do count = read(reader->fd, reader->window + reader->end, room);
    while (count < 0 && errno == EINTR);
    if (count < 0) return stop(reader, RD_READ_FAILED, errno);
    if (count == 0) return stop(reader, RD_READ_DAMAGED, 0); /* it has become shorter */
    reader->end += (size_t)count;
    reader->unread -= (uint64_t)count;
    return true;
}

static bool has(struct rd_file_reader *reader, size_t length) {
    while (reader->end - reader->at < length) {
        if (!read_more(reader)) return false;
    }
    return true;
}

bool rd_file_reader_byte(struct rd_file_reader *reader, uint8_t *byte) {
    if (!has(reader, 1)) return false;
    *byte = (uint8_t)reader->window[reader->at++];
    return true;
}

bool rd_file_reader_bytes(struct rd_file_reader *reader, char *to, size_t length) {
    if (!has(reader, length)) return false;
    memcpy(to, reader->window + reader->at, length);
    reader->at += length;
    return true;
}

bool rd_file_reader_pass(struct rd_file_reader *reader, uint64_t length) {
    if (length > reader->unread + (reader->end - reader->at)) return stop(reader, RD_READ_DAMAGED, 0);
    while (length > 0) {
        uint64_t there = reader->end - reader->at;
        if (there > length) there = length;
        reader->at += (size_t)there;
        length -= there;
        if (length > 0 && !read_more(reader)) return false;
    }
    return true;
}

/* Its first byte, and of a length its value; or an encoding of a string, 0xc0 and more. */
static bool length_or_encoding(struct rd_file_reader *reader, uint64_t *length, uint8_t *encoding) {
    if (!has(reader, 1)) return false;
    uint8_t first = (uint8_t)reader->window[reader->at];
    *encoding = first >= 0xc0 ? first : 0;
    if (*encoding) {
        reader->at++;
        return true;
    }
    size_t bytes = first < 0x40 ? 1 : first < 0x80 ? 2 : first == 0x80 ? 5 : 9;
    if (!has(reader, bytes)) return false;
    const unsigned char *from = (const unsigned char *)reader->window + reader->at;
    struct rd_rdb_cursor cursor = {from, from + bytes};
    reader->at += bytes;
    return rd_rdb_get_length(&cursor, length) || stop(reader, RD_READ_DAMAGED, 0);
}

bool rd_file_reader_length(struct rd_file_reader *reader, uint64_t *length) {
    uint8_t encoding;
    return length_or_encoding(reader, length, &encoding) && (!encoding || stop(reader, RD_READ_DAMAGED, 0));
}

bool rd_file_reader_pass_lengths(struct rd_file_reader *reader, int count) {
    uint64_t length;
    while (count-- > 0) {
        if (!rd_file_reader_length(reader, &length)) return false;
    }
    return true;
}

bool rd_file_reader_pass_string(struct rd_file_reader *reader) {
    uint64_t length, packed;
    uint8_t encoding;
    if (!length_or_encoding(reader, &length, &encoding)) return false;
    switch (encoding) {
    case 0: return rd_file_reader_pass(reader, length);
    case 0xc0: return rd_file_reader_pass(reader, 1);
    case 0xc1: return rd_file_reader_pass(reader, 2);
    case 0xc2: return rd_file_reader_pass(reader, 4);
    case 0xc3: return rd_file_reader_length(reader, &packed) && rd_file_reader_length(reader, &length) && rd_file_reader_pass(reader, packed);
    default: return stop(reader, RD_READ_DAMAGED, 0);
    }
}
