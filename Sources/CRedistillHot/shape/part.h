/*
 * This file owns how a part is written: a field, a member, a value, a score. What reads back as itself is kept as a number,
 * so that two parts are the same text where their bytes are the same.
 *
 *    0         1                            0      1                    0      1            5
 *   +---------+-----------------+          +------+-----------+        +------+------------+-------------+
 *   | length  | text            |          | 0xf0 | length 16 | text   | 0xf1 | length 32  | text        |
 *   +---------+-----------------+          +------+-----------+        +------+------------+-------------+
 *   +---------------------+-------------------------+   +------+-----------------+   +------+
 *   | 0xf2 .. 0xf5, 0xf8  | integer of 1 to 8 bytes |   | 0xf6 | double, 8 bytes |   | 0xf7 | nothing
 *   +---------------------+-------------------------+   +------+-----------------+   +------+
 *
 * Numbers have this machine's byte order. A part costs one byte above its text up to 239 bytes, three up to 64 KB.
 * A run is parts one after the other, nothing between them.
 */
#ifndef RD_PART_H
#define RD_PART_H

#include <string.h>

#include "base/hash.h"
#include "base/number.h"
#include "redistill_hot.h"

#define RD_PART_SHORT_MOST 239u
#define RD_PART_TEXT_16 0xf0u
#define RD_PART_TEXT_32 0xf1u
#define RD_PART_INTEGER_8 0xf2u
#define RD_PART_INTEGER_16 0xf3u
#define RD_PART_INTEGER_32 0xf4u
#define RD_PART_INTEGER_64 0xf5u
#define RD_PART_DOUBLE 0xf6u
#define RD_PART_NOTHING 0xf7u
#define RD_PART_INTEGER_24 0xf8u
/* A part that is no text takes at most so much, and a text so much above its length. */
#define RD_PART_NUMBER_MOST 9u
#define RD_PART_OVERHEAD_MOST 5u

/* A text as it is to be written, or looked for: decided once. */
struct rd_word {
    struct rd_slice text;       /* borrowed */
    uint8_t head_length;        /* bytes of `head`, which stand in front of the text, or instead of it */
    bool is_integer;
    char head[RD_PART_NUMBER_MOST];
    int64_t integer;            /* with is_integer */
};

struct rd_word rd_word_of(struct rd_slice text);
struct rd_word rd_word_of_integer(int64_t value);
/* A score: an integer where it is one, or a double. It has no text. */
struct rd_word rd_word_of_double(double value);
/* 0xf7. */
struct rd_word rd_word_nothing(void);

/* Bytes of the word as a part. */
static inline size_t rd_word_room(const struct rd_word *word) {
    return word->head_length + word->text.length;
}

/* Writes it; returns the end. */
static inline char *rd_word_write(const struct rd_word *word, char *at) {
    memcpy(at, word->head, word->head_length);
    if (word->text.length) memcpy(at + word->head_length, word->text.bytes, word->text.length);
    return at + word->head_length + word->text.length;
}

/* Bytes of the part at `at`. */
static inline size_t rd_part_room(const char *at) {
    uint8_t tag = (uint8_t)*at;
    if (__builtin_expect(tag <= RD_PART_SHORT_MOST, 1)) return 1u + tag;
    uint16_t shorter;
    uint32_t longer;
    switch (tag) {
    case RD_PART_TEXT_16: memcpy(&shorter, at + 1, sizeof shorter); return 3u + shorter;
    case RD_PART_TEXT_32: memcpy(&longer, at + 1, sizeof longer); return 5u + (size_t)longer;
    case RD_PART_INTEGER_8: return 2;
    case RD_PART_INTEGER_16: return 3;
    case RD_PART_INTEGER_24: return 4;
    case RD_PART_INTEGER_32: return 5;
    case RD_PART_INTEGER_64:
    case RD_PART_DOUBLE: return 9;
    default: return 1;
    }
}

/* Is the part the word? */
static inline bool rd_part_is(const char *at, const struct rd_word *word) {
    if (*at != word->head[0]) return false; /* one that begins alike is as long as the word's head at least */
    /* A short text is as long as the word's then. Most differ in their last bytes, which costs no call to find. */
    size_t length = word->text.length;
    if (word->head_length == 1 && length >= sizeof(uint64_t)) {
        uint64_t own, wanted;
        memcpy(&own, at + 1 + length - sizeof own, sizeof own);
        memcpy(&wanted, word->text.bytes + length - sizeof wanted, sizeof wanted);
        return own == wanted && memcmp(at + 1, word->text.bytes, length - sizeof own) == 0;
    }
    if (memcmp(at, word->head, word->head_length) != 0) return false;
    return word->text.length == 0 || memcmp(at + word->head_length, word->text.bytes, word->text.length) == 0;
}

/* Are they the same? */
static inline bool rd_part_same(const char *at, const char *other) {
    size_t room = rd_part_room(at);
    return *other == *at && rd_part_room(other) == room && memcmp(other, at, room) == 0;
}

/* Bytewise, and the shorter first where one begins with the other. */
static inline int rd_slice_order(struct rd_slice a, struct rd_slice b) {
    size_t length = a.length < b.length ? a.length : b.length;
    int order = length ? memcmp(a.bytes, b.bytes, length) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* Of its text, which lies in one piece wherever the part is, or of a number's bytes. */
uint64_t rd_part_hash(const struct rd_hash_seed *seed, const char *at);

/* False: it is a text, or nothing. A double is none either. */
bool rd_part_integer(const char *at, int64_t *value);
/* Of an integer or a double; 0 of anything else. */
double rd_part_double(const char *at);
static inline bool rd_part_is_nothing(const char *at) {
    return (uint8_t)*at == RD_PART_NOTHING;
}

/*
 * The text of a part, which lies in the run, or for a number in `digits` (RD_I64_DIGITS bytes). Not of a double, nor of
 * nothing, which have none: empty.
 */
struct rd_slice rd_part_text(const char *at, char *digits);

#endif
