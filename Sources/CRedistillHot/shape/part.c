/* This file owns how words become parts, and parts become numbers and text again. */
#include "shape/part.h"

#include <math.h>

static void write_integer(struct rd_word *word, int64_t value) {
    int8_t byte = (int8_t)value;
    int16_t two = (int16_t)value;
    int32_t four = (int32_t)value;
    if (byte == value) {
        word->head[0] = (char)RD_PART_INTEGER_8;
        memcpy(word->head + 1, &byte, sizeof byte);
        word->head_length = 2;
    } else if (two == value) {
        word->head[0] = (char)RD_PART_INTEGER_16;
        memcpy(word->head + 1, &two, sizeof two);
        word->head_length = 3;
    } else if (value >= -(1 << 23) && value < 1 << 23) { /* the lowest three bytes, whichever order the machine has */
        uint32_t bits = (uint32_t)four;
        word->head[0] = (char)RD_PART_INTEGER_24;
        for (int i = 0; i < 3; i++) word->head[1 + i] = (char)(bits >> (8 * i));
        word->head_length = 4;
    } else if (four == value) {
        word->head[0] = (char)RD_PART_INTEGER_32;
        memcpy(word->head + 1, &four, sizeof four);
        word->head_length = 5;
    } else {
        word->head[0] = (char)RD_PART_INTEGER_64;
        memcpy(word->head + 1, &value, sizeof value);
        word->head_length = 9;
    }
}

struct rd_word rd_word_of_integer(int64_t value) {
    struct rd_word word = {.is_integer = true, .integer = value};
    write_integer(&word, value);
    return word;
}

struct rd_word rd_word_of(struct rd_slice text) {
    struct rd_word word = {.text = text};
    if (rd_parse_i64(text.bytes, text.length, &word.integer)) {
        word.is_integer = true;
        word.text = (struct rd_slice){NULL, 0};
        write_integer(&word, word.integer);
    } else if (text.length <= RD_PART_SHORT_MOST) {
        word.head[0] = (char)text.length;
        word.head_length = 1;
    } else if (text.length <= UINT16_MAX) {
        uint16_t length = (uint16_t)text.length;
        word.head[0] = (char)RD_PART_TEXT_16;
        memcpy(word.head + 1, &length, sizeof length);
        word.head_length = 3;
    } else {
        uint32_t length = (uint32_t)text.length;
        word.head[0] = (char)RD_PART_TEXT_32;
        memcpy(word.head + 1, &length, sizeof length);
        word.head_length = 5;
    }
    return word;
}

#define EXACT_INTEGERS 9007199254740992.0 /* up to 2^53 a double is each of them */

struct rd_word rd_word_of_double(double value) {
    bool is_whole = value >= -EXACT_INTEGERS && value <= EXACT_INTEGERS && value == floor(value);
    if (is_whole && !(value == 0 && signbit(value))) return rd_word_of_integer((int64_t)value);
    struct rd_word word = {.head_length = RD_PART_NUMBER_MOST};
    word.head[0] = (char)RD_PART_DOUBLE;
    memcpy(word.head + 1, &value, sizeof value);
    return word;
}

struct rd_word rd_word_nothing(void) {
    struct rd_word word = {.head_length = 1};
    word.head[0] = (char)RD_PART_NOTHING;
    return word;
}

bool rd_part_integer(const char *at, int64_t *value) {
    int8_t byte;
    int16_t two;
    int32_t four;
    switch ((uint8_t)*at) {
    case RD_PART_INTEGER_8: memcpy(&byte, at + 1, sizeof byte); *value = byte; return true;
    case RD_PART_INTEGER_16: memcpy(&two, at + 1, sizeof two); *value = two; return true;
    case RD_PART_INTEGER_24:
        *value = (int32_t)((uint32_t)(uint8_t)at[1] << 8 | (uint32_t)(uint8_t)at[2] << 16 | (uint32_t)(uint8_t)at[3] << 24) >> 8;
        return true;
    case RD_PART_INTEGER_32: memcpy(&four, at + 1, sizeof four); *value = four; return true;
    case RD_PART_INTEGER_64: memcpy(value, at + 1, sizeof *value); return true;
    default: return false;
    }
}

double rd_part_double(const char *at) {
    int64_t integer;
    double value = 0;
    if ((uint8_t)*at == RD_PART_DOUBLE) memcpy(&value, at + 1, sizeof value);
    else if (rd_part_integer(at, &integer)) value = (double)integer;
    return value;
}

struct rd_slice rd_part_text(const char *at, char *digits) {
    uint8_t tag = (uint8_t)*at;
    if (tag <= RD_PART_SHORT_MOST) return (struct rd_slice){at + 1, tag};
    int64_t integer;
    if (tag == RD_PART_TEXT_16) return (struct rd_slice){at + 3, rd_part_room(at) - 3};
    if (tag == RD_PART_TEXT_32) return (struct rd_slice){at + 5, rd_part_room(at) - 5};
    if (rd_part_integer(at, &integer)) return (struct rd_slice){digits, (size_t)(rd_format_i64(digits, integer) - digits)};
    return (struct rd_slice){at, 0};
}

uint64_t rd_part_hash(const struct rd_hash_seed *seed, const char *at) {
    struct rd_slice bytes = {at, rd_part_room(at)};
    if ((uint8_t)*at <= RD_PART_SHORT_MOST) bytes = (struct rd_slice){at + 1, (uint8_t)*at};
    else if ((uint8_t)*at <= RD_PART_TEXT_32) bytes = rd_part_text(at, NULL);
    return rd_hash(seed, bytes.bytes, bytes.length);
}
