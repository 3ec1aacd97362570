/* This file owns the scanner as tests see it. */
#include "probe_resp.h"

#include <stdlib.h>

#include "probe_guard.h"
#include "resp/resp.h"

_Static_assert((int)PROBE_SCAN_COMMAND == RD_SCAN_COMMAND && (int)PROBE_SCAN_MORE == RD_SCAN_MORE &&
                   (int)PROBE_SCAN_EMPTY == RD_SCAN_EMPTY && (int)PROBE_SCAN_BAD == RD_SCAN_BAD &&
                   (int)PROBE_SCAN_NO_MEMORY == RD_SCAN_NO_MEMORY,
               "the probe's names stand for the scanner's");

struct probe_scanner {
    struct probe_guard *guard;
    char *bytes; /* of the last scan, in the guarded buffer */
    size_t length;
    struct rd_scan_state state;
    struct rd_scan_limits limits;
    struct rd_args args;
};

struct probe_scanner *probe_scanner_new(size_t capacity) {
    struct probe_scanner *scanner = calloc(1, sizeof *scanner);
    if (!scanner || !(scanner->guard = probe_guard_new(capacity))) abort();
    scanner->limits = (struct rd_scan_limits){512u << 20, INT32_MAX, true};
    return scanner;
}

void probe_scanner_free(struct probe_scanner *scanner) {
    probe_guard_free(scanner->guard);
    rd_args_free(&scanner->args);
    free(scanner);
}

void probe_scanner_set_limits(struct probe_scanner *scanner, uint64_t max_bulk, uint64_t max_args, bool authenticated) {
    scanner->limits = (struct rd_scan_limits){max_bulk, max_args, authenticated};
}

void probe_scanner_restart(struct probe_scanner *scanner) {
    scanner->state = (struct rd_scan_state){0};
    scanner->args.count = 0;
    scanner->bytes = NULL;
    scanner->length = 0;
}

enum probe_scan probe_scanner_scan(struct probe_scanner *scanner, const char *bytes, size_t length) {
    uintptr_t from = (uintptr_t)scanner->bytes;
    scanner->bytes = probe_guard_place(scanner->guard, bytes, length);
    if (from) rd_args_rebase(&scanner->args, from, scanner->length, scanner->bytes);
    scanner->length = length;
    return (enum probe_scan)rd_resp_scan(&scanner->state, scanner->bytes, length, &scanner->limits, &scanner->args);
}

size_t probe_scanner_consumed(const struct probe_scanner *scanner) {
    return scanner->state.position;
}

uint32_t probe_scanner_count(const struct probe_scanner *scanner) {
    return scanner->args.count;
}

struct rd_slice probe_scanner_argument(const struct probe_scanner *scanner, uint32_t index) {
    if (index >= scanner->args.count) abort();
    return scanner->args.at[index];
}

const char *probe_scanner_error(const struct probe_scanner *scanner) {
    return scanner->state.error;
}

bool probe_scanner_arguments_lie_within(const struct probe_scanner *scanner) {
    const char *end = scanner->bytes + scanner->length;
    for (uint32_t i = 0; i < scanner->args.count; i++) {
        struct rd_slice argument = scanner->args.at[i];
        if (argument.bytes < scanner->bytes || argument.bytes > end) return false;
        if (argument.length > (size_t)(end - argument.bytes)) return false;
    }
    return true;
}

uint32_t probe_scanner_reserved(const struct probe_scanner *scanner) {
    return scanner->args.capacity;
}
