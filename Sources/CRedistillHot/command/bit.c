/* This file owns the commands on single bits and on whole bitmaps: SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP. */
#include <stdlib.h>

#include "command/bits.h"
#include "command/multi.h"
#include "store/room.h"

/* https://redis.io/docs/latest/commands/setbit/ */
static void cmd_setbit(struct rd_call *call) {
    uint64_t offset;
    if (!rd_bits_offset(call, call->argv[2], 0, &offset)) return;
    struct rd_slice bit = call->argv[3];
    if (bit.length != 1 || (bit.bytes[0] != '0' && bit.bytes[0] != '1')) {
        rd_reply_fail(call->reply, "ERR bit is not an integer or out of range");
        return;
    }
    bool on = bit.bytes[0] == '1';
    struct rd_found found = rd_call_write(call);
    if (rd_call_refuses(call, found.entry)) return;
    struct rd_slice old = found.entry ? rd_entry_value(found.entry) : (struct rd_slice){"", 0};
    uint64_t byte = offset >> 3;
    unsigned was = rd_bits_get(old, offset);
    /* Where nothing changes nothing is written, so that nobody who watches the key is disturbed. */
    if (byte >= old.length || was != on) {
        char *bytes;
        if (rd_call_resize(call, &found, byte < old.length ? old.length : byte + 1, &bytes) != RD_OK) {
            rd_reply_oom(call->reply);
            return;
        }
        unsigned mask = 0x80u >> (offset & 7);
        bytes[byte] = (char)(on ? (unsigned char)bytes[byte] | mask : (unsigned char)bytes[byte] & ~mask);
    }
    found.entry->flags |= RD_RAW;
    rd_reply_integer(call->reply, was);
}

/* https://redis.io/docs/latest/commands/getbit/ */
static void cmd_getbit(struct rd_call *call) {
    uint64_t offset;
    if (!rd_bits_offset(call, call->argv[2], 0, &offset)) return;
    struct rd_found found = rd_call_read(call);
    if (rd_call_refuses(call, found.entry)) return;
    rd_reply_integer(call->reply, found.entry ? rd_bits_get(rd_entry_value(found.entry), offset) : 0);
}

/* BIT or BYTE, the default. */
static bool parse_unit(struct rd_call *call, uint32_t at, bool *in_bits) {
    *in_bits = false;
    if (at >= call->argc) return true;
    *in_bits = rd_slice_is(call->argv[at], "bit");
    if (*in_bits || rd_slice_is(call->argv[at], "byte")) return true;
    rd_reply_syntax_error(call->reply);
    return false;
}

/*
 * Turns start and end (inclusive, negative from the end, in bytes or bits) into bits first..end of a string; false when
 * the range is empty.
 */
static bool resolve_range(int64_t start, int64_t end, bool in_bits, uint64_t length, uint64_t *first, uint64_t *last) {
    int64_t total = (int64_t)(in_bits ? length * 8 : length);
    if (start < 0) start = start < -total ? 0 : start + total;
    if (end < 0) end = end < -total ? 0 : end + total;
    if (end >= total) end = total - 1;
    if (start > end) return false;
    *first = (uint64_t)(in_bits ? start : start * 8);
    *last = (uint64_t)(in_bits ? end + 1 : end * 8 + 8);
    return true;
}

/* https://redis.io/docs/latest/commands/bitcount/ */
static void cmd_bitcount(struct rd_call *call) {
    int64_t start = 0, end = -1;
    bool in_bits = false;
    if (call->argc == 3 || call->argc > 5) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    if (call->argc > 3) {
        if (!rd_call_integer(call, call->argv[2], &start) || !rd_call_integer(call, call->argv[3], &end)) return;
        if (!parse_unit(call, 4, &in_bits)) return;
    }
    struct rd_found found = rd_call_read(call);
    if (rd_call_refuses(call, found.entry)) return;
    struct rd_blob *held = NULL;
    struct rd_slice value = found.entry ? rd_call_hold(call, found.entry, &held) : (struct rd_slice){"", 0};
    uint64_t first, last;
    /* Both before the string: Redis calls it empty only when they are in the wrong order. */
    bool reversed = start < 0 && end < 0 && start > end;
    if (reversed || !resolve_range(start, end, in_bits, value.length, &first, &last)) {
        rd_reply_literal(call->reply, ":0\r\n");
    } else {
        rd_reply_integer(call->reply, (int64_t)rd_bits_count(value.bytes, first, last));
    }
    rd_call_let_go(call, held);
}

/* https://redis.io/docs/latest/commands/bitpos/ */
static void cmd_bitpos(struct rd_call *call) {
    int64_t bit, start = 0, end = -1;
    bool in_bits;
    if (!rd_call_integer(call, call->argv[2], &bit)) return;
    if (bit != 0 && bit != 1) {
        rd_reply_fail(call->reply, "ERR The bit argument must be 1 or 0.");
        return;
    }
    if (call->argc > 6) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    if (call->argc > 3 && !rd_call_integer(call, call->argv[3], &start)) return;
    if (!parse_unit(call, 5, &in_bits)) return;
    bool has_end = call->argc > 4;
    if (has_end && !rd_call_integer(call, call->argv[4], &end)) return;
    struct rd_found found = rd_call_read(call);
    if (rd_call_refuses(call, found.entry)) return;
    if (!found.entry) { /* an endless row of zeroes */
        rd_reply_integer(call->reply, bit ? -1 : 0);
        return;
    }
    struct rd_blob *held;
    struct rd_slice value = rd_call_hold(call, found.entry, &held);
    uint64_t first, last, at = 0;
    bool empty = !resolve_range(start, end, in_bits, value.length, &first, &last);
    if (!empty) at = rd_bits_find(value.bytes, (unsigned)bit, first, last);
    /* Without an end the string counts as followed by zeroes. */
    if (empty || (at == last && (bit || has_end))) rd_reply_literal(call->reply, ":-1\r\n");
    else rd_reply_integer(call->reply, (int64_t)at);
    rd_call_let_go(call, held);
}

enum operation {
    OPERATION_AND,
    OPERATION_OR,
    OPERATION_XOR,
    OPERATION_NOT,
    OPERATION_DIFF,    /* the first, without what any other has */
    OPERATION_DIFF1,   /* what any other has, without the first */
    OPERATION_ANDOR,   /* what the first and any other have */
    OPERATION_ONE,     /* what exactly one has */
};

static bool parse_operation(struct rd_slice word, enum operation *operation) {
    static const char *const names[] = {"and", "or", "xor", "not", "diff", "diff1", "andor", "one"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!rd_slice_is(word, names[i])) continue;
        *operation = (enum operation)i;
        return true;
    }
    return false;
}

/* Eight bytes of a source from `at` on, zero beyond its end. */
static uint64_t word_of(struct rd_slice source, uint64_t at) {
    uint64_t word = 0;
    if (at + 8 <= source.length) memcpy(&word, source.bytes + at, 8);
    else if (at < source.length) memcpy(&word, source.bytes + at, source.length - at);
    return word;
}

static uint64_t combine(enum operation operation, const struct rd_slice *sources, uint32_t count, uint64_t at) {
    uint64_t first = word_of(sources[0], at), result = first, others = 0, twice = 0;
    for (uint32_t i = 1; i < count; i++) {
        uint64_t word = word_of(sources[i], at);
        others |= word;
        switch (operation) {
        case OPERATION_AND: result &= word; break;
        case OPERATION_OR: result |= word; break;
        case OPERATION_XOR: result ^= word; break;
        case OPERATION_ONE:
            twice |= result & word;
            result |= word;
            break;
        case OPERATION_NOT:
        case OPERATION_DIFF:
        case OPERATION_DIFF1:
        case OPERATION_ANDOR: break;
        }
    }
    switch (operation) {
    case OPERATION_NOT: return ~first;
    case OPERATION_DIFF: return first & ~others;
    case OPERATION_DIFF1: return others & ~first;
    case OPERATION_ANDOR: return first & others;
    case OPERATION_ONE: return result & ~twice;
    default: return result;
    }
}

static void combine_all(enum operation operation, const struct rd_slice *sources, uint32_t count, char *out,
                        uint64_t length) {
    for (uint64_t at = 0; at < length; at += 8) {
        uint64_t word = combine(operation, sources, count, at);
        memcpy(out + at, &word, length - at < 8 ? length - at : 8);
    }
}

/* Puts the combination under the first key, or removes that when it is empty. */
static enum rd_status store_combination(struct rd_call *call, struct rd_multi *multi, enum operation operation,
                                        const struct rd_slice *sources, uint64_t length) {
    struct rd_shard *shard = rd_multi_shard(multi, 0);
    struct rd_found found = rd_shard_find(shard, multi->hashes[0], rd_call_key_at(call, 2), call->now);
    if (length == 0) {
        if (found.entry) rd_shard_remove(shard, found);
        return RD_OK;
    }
    char small[RD_ENTRY_MAX];
    struct rd_new_value new = {.value = {small, length}};
    if (length > sizeof small) {
        /* Nothing may be evicted while the sources are read, so the result's memory is made room for afterwards. */
        new.blob = rd_blob_new(&call->store->blobs, length, 0);
        if (!new.blob) return RD_ERR_NO_MEMORY;
        new.blob->length = length;
        new.value = (struct rd_slice){"", 0};
    }
    combine_all(operation, sources, multi->count - 1, new.blob ? new.blob->bytes : small, length);
    enum rd_status status = RD_OK;
    if (new.blob) status = rd_room_for_received(shard, new.blob, found.entry ? &found : NULL);
    if (status == RD_OK) {
        found = rd_shard_find(shard, multi->hashes[0], rd_call_key_at(call, 2), call->now);
        status = rd_shard_put(shard, multi->hashes[0], rd_call_key_at(call, 2), &found, &new);
    }
    if (status == RD_OK) found.entry->flags |= RD_RAW;
    else if (new.blob) rd_blob_release(new.blob);
    return status;
}

/* https://redis.io/docs/latest/commands/bitop/ */
static void cmd_bitop(struct rd_call *call) {
    enum operation operation;
    if (!parse_operation(call->argv[1], &operation)) {
        rd_reply_syntax_error(call->reply);
        return;
    }
    if (operation == OPERATION_NOT && call->argc != 4) {
        rd_reply_fail(call->reply, "ERR BITOP NOT must be called with a single source key.");
        return;
    }
    bool needs_two = operation == OPERATION_DIFF || operation == OPERATION_DIFF1 || operation == OPERATION_ANDOR;
    if (needs_two && call->argc < 5) {
        rd_reply_format_error(call->reply, "ERR BITOP %s must be called with at least two source keys.",
                              operation == OPERATION_DIFF ? "DIFF" : operation == OPERATION_DIFF1 ? "DIFF1" : "ANDOR");
        return;
    }
    uint32_t count = call->argc - 3;
    struct rd_slice *sources = malloc(count * sizeof *sources);
    struct rd_multi multi;
    if (!sources) rd_reply_oom(call->reply);
    if (!sources || !rd_multi_begin(&multi, call)) {
        free(sources);
        return;
    }
    /* Twice: removing what has expired may move others, and in the second pass nothing expires any more. */
    uint64_t length = 0, hits = 0;
    bool refused = false;
    for (uint32_t i = 0; i < multi.count; i++) {
        (void)rd_shard_find(rd_multi_shard(&multi, i), multi.hashes[i], rd_call_key_at(call, 2 + i), call->now);
    }
    for (uint32_t i = 1; i < multi.count; i++) {
        struct rd_found found =
            rd_shard_find(rd_multi_shard(&multi, i), multi.hashes[i], rd_call_key_at(call, 2 + i), call->now);
        if (found.entry && rd_entry_is_shaped(found.entry)) refused = true;
        sources[i - 1] = found.entry ? rd_entry_value(found.entry) : (struct rd_slice){"", 0};
        if (found.entry) rd_call_use(call, found.entry);
        hits += found.entry != NULL;
        if (sources[i - 1].length > length) length = sources[i - 1].length;
    }
    enum rd_status status = refused ? RD_OK : store_combination(call, &multi, operation, sources, length);
    rd_multi_end(&multi);
    free(sources);
    rd_counter_add(&call->loop->counters.hits, hits);
    rd_counter_add(&call->loop->counters.misses, count - hits);
    if (refused) rd_reply_wrong_type(call->reply);
    else if (status != RD_OK) rd_reply_oom(call->reply);
    else rd_reply_integer(call->reply, (int64_t)length);
}

const struct rd_command rd_bit_commands[] = {
    {"bitcount", -2, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_BITMAP, 1, 1, 1, cmd_bitcount,
     RD_DOCS("Counts the number of set bits (population counting) in a string.", "2.6.0", "bitmap", "O(N)",
             .syntax = "key [range{start:integer end:integer [unit(BYTE|BIT)@7.0.0]}]",
             .history = "7.0.0 Added the `BYTE|BIT` option.")},
    {"bitop", -4, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_BITMAP, 2, -1, 1, cmd_bitop,
     RD_DOCS("Performs bitwise operations on multiple strings, and stores the result.", "2.6.0", "bitmap", "O(N)",
             .access = "OW update", .access_after_first = "RO access",
             .syntax = "operation(AND|OR|XOR|NOT|DIFF@8.2.0|DIFF1@8.2.0|ANDOR@8.2.0|ONE@8.2.0) destkey#0 key#1 ...",
             .history = "8.2.0 Added the `DIFF`, `DIFF1`, `ANDOR` and `ONE` operations.")},
    {"bitpos", -3, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_BITMAP, 1, 1, 1, cmd_bitpos,
     RD_DOCS("Finds the first set (1) or clear (0) bit in a string.", "2.8.7", "bitmap", "O(N)",
             .syntax = "key bit:integer [range{start:integer [end-unit-block{end:integer [unit(BYTE|BIT)@7.0.0]}]}]",
             .history = "7.0.0 Added the `BYTE|BIT` option.")},
    {"getbit", 3, RD_CMD_FAST_READ | RD_CMD_BITMAP, 1, 1, 1, cmd_getbit,
     RD_DOCS("Returns a bit value by offset.", "2.2.0", "bitmap", "O(1)", .syntax = "key offset:integer")},
    {"setbit", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_BITMAP, 1, 1, 1, cmd_setbit,
     RD_DOCS("Sets or clears the bit at offset of the string value. Creates the key if it doesn't exist.", "2.2.0",
             "bitmap", "O(1)", .syntax = "key offset:integer value:integer")},
    RD_END_OF_COMMANDS,
};
