/* This file owns packing and unpacking LZF. */
#include "base/lzf.h"

#include <stdlib.h>
#include <string.h>

#define SLOT_BITS 16
#define RUN_MAX 32u
#define DISTANCE_MAX (1u << 13)
#define COPY_MAX 264u
/* A copy is at most so long without the extra byte for its length. */
#define SHORT_COPY_MAX 8u

/*
 * Where to look for an earlier occurrence of these three bytes. LibLZF's function with VERY_FAST: another one would
 * pack as well, to other bytes.
 */
static uint32_t slot_of(const unsigned char *at) {
    uint32_t three = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
    return ((three >> (24 - SLOT_BITS)) - three * 5) & ((1u << SLOT_BITS) - 1);
}

/* The stream being written. A run of plain bytes is always open: its control byte stands `run` bytes before `length`. */
struct packer {
    unsigned char *bytes;
    size_t length, room;
    unsigned run; /* plain bytes in the open run */
};

static void open_run(struct packer *packer) {
    packer->run = 0;
    packer->length++;
}

/* Writes the control byte of the open run; one without bytes is taken back. */
static void close_run(struct packer *packer) {
    if (packer->run == 0) packer->length--;
    else packer->bytes[packer->length - packer->run - 1] = (unsigned char)(packer->run - 1);
}

static void add_plain(struct packer *packer, unsigned char byte) {
    packer->bytes[packer->length++] = byte;
    if (++packer->run < RUN_MAX) return;
    close_run(packer);
    open_run(packer);
}

static void add_copy(struct packer *packer, size_t distance, size_t count) {
    unsigned char *at = packer->bytes + packer->length;
    size_t high = (distance - 1) >> 8;
    if (count <= SHORT_COPY_MAX) {
        *at++ = (unsigned char)((count - 2) << 5 | high);
    } else {
        *at++ = (unsigned char)(7 << 5 | high);
        *at++ = (unsigned char)(count - SHORT_COPY_MAX - 1);
    }
    *at++ = (unsigned char)(distance - 1);
    packer->length = (size_t)(at - packer->bytes);
}

/*
 * How many bytes at `from` repeat at `at`, the first three known to, with `left` bytes until the end. Two bytes before
 * the end are left out, unless so many are left that LibLZF compares the first 19 without looking where the end is.
 */
static size_t repeated(const unsigned char *from, const unsigned char *at, size_t left) {
    size_t count = 3, most = left - 2 < COPY_MAX ? left - 2 : COPY_MAX;
    if (most > 16) {
        while (count < 19 && from[count] == at[count]) count++;
        if (count < 19) return count;
    }
    while (count < most && from[count] == at[count]) count++;
    return count;
}

static size_t pack(const unsigned char *bytes, size_t length, struct packer *packer, const struct rd_lzf_places *places) {
    uint32_t *slots = places->slots, before = places->before;
    size_t at = 0;
    open_run(packer);
    while (at + 2 < length) {
        uint32_t *slot = &slots[slot_of(bytes + at)];
        size_t from = *slot > before ? *slot - before : 0; /* 0: none, so what stands at the very start is never repeated */
        *slot = before + (uint32_t)at;
        if (from == 0 || at - from > DISTANCE_MAX || memcmp(bytes + from, bytes + at, 3) != 0) {
            if (packer->length >= packer->room) return 0;
            add_plain(packer, bytes[at++]);
            continue;
        }
        if (packer->length - (packer->run == 0) + 4 >= packer->room) return 0;
        close_run(packer);
        size_t count = repeated(bytes + from, bytes + at, length - at);
        add_copy(packer, at - from, count);
        open_run(packer);
        at += count;
        if (at + 2 >= length) break;
        /* Of all that the copy stands for, only the last two places are remembered. */
        slots[slot_of(bytes + at - 2)] = before + (uint32_t)(at - 2);
        slots[slot_of(bytes + at - 1)] = before + (uint32_t)(at - 1);
    }
    if (packer->length + 3 > packer->room) return 0;
    while (at < length) add_plain(packer, bytes[at++]);
    close_run(packer);
    return packer->length;
}

size_t rd_lzf_pack_on(struct rd_lzf_places *places, struct rd_slice value, char *out, size_t room) {
    if (value.length < 3 || value.length > UINT32_MAX || room == 0) return 0;
    if (!places->slots || value.length > UINT32_MAX - places->before) {
        rd_lzf_forget(places);
        places->slots = calloc(1u << SLOT_BITS, sizeof *places->slots);
        if (!places->slots) return 0;
    }
    struct packer packer = {.bytes = (unsigned char *)out, .room = room};
    size_t length = pack((const unsigned char *)value.bytes, value.length, &packer, places);
    places->before += (uint32_t)value.length;
    return length;
}

void rd_lzf_forget(struct rd_lzf_places *places) {
    free(places->slots);
    *places = (struct rd_lzf_places){0};
}

size_t rd_lzf_pack(struct rd_slice value, char *out, size_t room) {
    struct rd_lzf_places places = {0};
    size_t length = rd_lzf_pack_on(&places, value, out, room);
    rd_lzf_forget(&places);
    return length;
}

enum rd_status rd_lzf_unpack(struct rd_slice stream, char *out, uint64_t length) {
    const unsigned char *at = (const unsigned char *)stream.bytes, *end = at + stream.length;
    uint64_t done = 0;
    while (at < end) {
        unsigned control = *at++;
        uint64_t count;
        if (control < RUN_MAX) {
            count = control + 1;
            if ((uint64_t)(end - at) < count || length - done < count) return RD_ERR_INVALID;
            memcpy(out + done, at, count);
            at += count;
            done += count;
            continue;
        }
        count = control >> 5;
        if (end - at < (count == 7 ? 2 : 1)) return RD_ERR_INVALID;
        if (count == 7) count += *at++;
        count += 2;
        uint64_t distance = ((uint64_t)(control & 31) << 8 | *at++) + 1;
        if (distance > done || length - done < count) return RD_ERR_INVALID;
        for (uint64_t i = 0; i < count; i++) out[done + i] = out[done + i - distance]; /* may overlap itself */
        done += count;
    }
    return done == length ? RD_OK : RD_ERR_INVALID;
}
