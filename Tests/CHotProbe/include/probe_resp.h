/*
 * This file owns the request scanner as tests see it: every scan happens in a guarded buffer, and a resumed scan
 * finds its bytes at another address, as it does when an input grows.
 */
#ifndef PROBE_RESP_H
#define PROBE_RESP_H

#include "redistill_hot.h"

enum probe_scan {
    PROBE_SCAN_COMMAND,
    PROBE_SCAN_MORE,
    PROBE_SCAN_EMPTY,
    PROBE_SCAN_BAD,
    PROBE_SCAN_NO_MEMORY,
};

struct probe_scanner;

struct probe_scanner *probe_scanner_new(size_t capacity);
void probe_scanner_free(struct probe_scanner *scanner);
void probe_scanner_set_limits(struct probe_scanner *scanner, uint64_t max_bulk, uint64_t max_args, bool authenticated);

/* Forgets the request in hand. */
void probe_scanner_restart(struct probe_scanner *scanner);
/* Scans bytes[0..length), which begin with what earlier scans of this request saw. */
enum probe_scan probe_scanner_scan(struct probe_scanner *scanner, const char *bytes, size_t length);

/* After a command. Borrowed until the next scan. */
size_t probe_scanner_consumed(const struct probe_scanner *scanner);
uint32_t probe_scanner_count(const struct probe_scanner *scanner);
struct rd_slice probe_scanner_argument(const struct probe_scanner *scanner, uint32_t index);
/* After PROBE_SCAN_BAD, terminated. */
const char *probe_scanner_error(const struct probe_scanner *scanner);

/* True when each argument lies within the scanned bytes. */
bool probe_scanner_arguments_lie_within(const struct probe_scanner *scanner);

/* What is reserved for arguments: room for so many spans. */
uint32_t probe_scanner_reserved(const struct probe_scanner *scanner);

#endif
