/*
 * This file owns named values: each says to which key it was written, by whom and as which write, and the rest of it
 * follows from that, so that bytes of another value, or another place, are seen.
 *
 *   0x01 key | writer.write | length | bytes that follow from writer and write
 */
#ifndef FUZZ_VALUE_H
#define FUZZ_VALUE_H

#include "bytes.h"
#include "redistill_hot.h"

/* Adds one of about the wanted length: never shorter than its header. */
void value_add(struct bytes *bytes, struct rd_slice key, uint32_t writer, uint32_t write, size_t wanted);

enum value_verdict {
    VALUE_OTHER, /* it is no named value, or a part of one */
    VALUE_RIGHT,
    VALUE_WRONG, /* its header is right and its bytes are not */
};

/* `key` is set to what the value says. */
enum value_verdict value_check(struct rd_slice value, struct rd_slice *key);

#endif
