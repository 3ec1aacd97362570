/* This file owns counting error replies by their code. */
#include "base/error_codes.h"

#include <string.h>

void rd_error_codes_add(struct rd_error_codes *codes, const char *text, size_t length) {
    size_t end = 0;
    while (end < length && end < RD_ERROR_CODE_SIZE && text[end] != ' ') end++;
    if (end == 0 || end == RD_ERROR_CODE_SIZE) {
        text = "ERR";
        end = 3;
    }
    uint32_t count = atomic_load_explicit(&codes->count, memory_order_relaxed);
    uint32_t place = 0;
    for (; place < count; place++) {
        const char *code = codes->places[place].code;
        if (strncmp(code, text, end) == 0 && code[end] == 0) break;
    }
    if (place == RD_ERROR_CODES_MAX) place = 0;
    if (place == count) {
        memcpy(codes->places[place].code, text, end);
        codes->places[place].code[end] = 0;
        atomic_store_explicit(&codes->count, count + 1, memory_order_release);
    }
    rd_counter_add(&codes->places[place].replies, 1);
}

size_t rd_error_codes_add_to(const struct rd_error_codes *codes, struct rd_error_count *sum, size_t count,
                             size_t capacity) {
    uint32_t places = atomic_load_explicit(&codes->count, memory_order_acquire);
    for (uint32_t i = 0; i < places; i++) {
        uint64_t replies = rd_counter_get(&codes->places[i].replies);
        if (replies == 0) continue;
        size_t at = 0;
        while (at < count && strcmp(sum[at].code, codes->places[i].code) != 0) at++;
        if (at == capacity) continue;
        if (at == count) {
            memcpy(sum[at].code, codes->places[i].code, RD_ERROR_CODE_SIZE);
            sum[at].replies = 0;
            count++;
        }
        sum[at].replies += replies;
    }
    return count;
}

uint64_t rd_error_codes_count(const struct rd_error_codes *codes, const char *code) {
    uint32_t places = atomic_load_explicit(&codes->count, memory_order_acquire);
    for (uint32_t i = 0; i < places; i++) {
        if (strcmp(codes->places[i].code, code) == 0) return rd_counter_get(&codes->places[i].replies);
    }
    return 0;
}

void rd_error_codes_reset(struct rd_error_codes *codes) {
    uint32_t places = atomic_load_explicit(&codes->count, memory_order_acquire);
    for (uint32_t i = 0; i < places; i++) rd_counter_set(&codes->places[i].replies, 0);
}
