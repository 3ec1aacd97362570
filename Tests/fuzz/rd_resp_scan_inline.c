/*
 * Fuzzes the inline half of rd_resp_scan: the input is one line. What was unquoted is quoted again, byte by byte in
 * hexadecimal, and must be read as the same arguments.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resp/resp.h"

static const struct rd_scan_limits limits = {.max_bulk = 1 << 20, .max_args = 1024, .authenticated = true};

static enum rd_scan scan(char *line, size_t length, struct rd_args *args) {
    struct rd_scan_state state = {0};
    enum rd_scan result = rd_resp_scan(&state, line, length, &limits, args);
    if (result == RD_SCAN_COMMAND && state.position != length) abort();
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == '*') return 0;
    char *line = malloc(size + 1);
    for (size_t i = 0; i < size; i++) line[i] = data[i] == '\n' ? ' ' : (char)data[i];
    line[size] = '\n';
    struct rd_args args = {0}, again = {0};
    if (scan(line, size + 1, &args) == RD_SCAN_COMMAND) {
        size_t room = 1;
        for (uint32_t i = 0; i < args.count; i++) room += 3 + 4 * args.at[i].length;
        char *quoted = malloc(room + 1), *end = quoted;
        for (uint32_t i = 0; i < args.count; i++) {
            *end++ = '"';
            for (size_t j = 0; j < args.at[i].length; j++) end += sprintf(end, "\\x%02x", (unsigned char)args.at[i].bytes[j]);
            *end++ = '"';
            *end++ = ' ';
        }
        *end++ = '\n';
        if (scan(quoted, (size_t)(end - quoted), &again) != RD_SCAN_COMMAND || again.count != args.count) abort();
        for (uint32_t i = 0; i < args.count; i++) {
            if (again.at[i].length != args.at[i].length) abort();
            if (memcmp(again.at[i].bytes, args.at[i].bytes, args.at[i].length) != 0) abort();
        }
        free(quoted);
    }
    rd_args_free(&args);
    rd_args_free(&again);
    free(line);
    return 0;
}
