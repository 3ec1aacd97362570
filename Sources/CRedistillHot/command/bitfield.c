/* This file owns BITFIELD and BITFIELD_RO: integers of any width at any bit of a string. */
#include <stdlib.h>

#include "command/bits.h"

enum overflow {
    OVERFLOW_WRAP,
    OVERFLOW_SATURATE,
    OVERFLOW_FAIL,
};

enum kind {
    FIELD_GET,
    FIELD_SET,
    FIELD_INCREMENT,
};

struct operation {
    enum kind kind;
    enum overflow overflow;
    bool is_signed;
    uint8_t bits;
    uint64_t offset;
    int64_t operand;
};

/* "i8", "u63": the letter in lower case, as in Redis. */
static bool parse_type(struct rd_call *call, struct rd_slice type, struct operation *operation) {
    int64_t bits;
    operation->is_signed = type.length && type.bytes[0] == 'i';
    bool known = operation->is_signed || (type.length && type.bytes[0] == 'u');
    if (!known || !rd_parse_i64(type.bytes + 1, type.length - 1, &bits) || bits < 1 ||
        bits > (operation->is_signed ? 64 : 63)) {
        rd_reply_fail(call->reply, "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not "
                                   "supported but i64 is.");
        return false;
    }
    operation->bits = (uint8_t)bits;
    return true;
}

static bool parse_overflow(struct rd_call *call, struct rd_slice word, enum overflow *overflow) {
    if (rd_slice_is(word, "wrap")) *overflow = OVERFLOW_WRAP;
    else if (rd_slice_is(word, "sat")) *overflow = OVERFLOW_SATURATE;
    else if (rd_slice_is(word, "fail")) *overflow = OVERFLOW_FAIL;
    else {
        rd_reply_fail(call->reply, "ERR Invalid OVERFLOW type specified");
        return false;
    }
    return true;
}

/* What the arguments ask for. */
struct plan {
    struct operation *operations; /* room for as many as there are arguments; owned */
    uint32_t count;
    bool writes;
    uint64_t end; /* the bit after the highest that is written */
};

static bool parse(struct rd_call *call, struct plan *plan) {
    enum overflow overflow = OVERFLOW_WRAP;
    for (uint32_t i = 2; i < call->argc;) {
        struct rd_slice word = call->argv[i];
        uint32_t left = call->argc - 1 - i;
        if (rd_slice_is(word, "overflow") && left >= 1) {
            if (!parse_overflow(call, call->argv[i + 1], &overflow)) return false;
            i += 2;
            continue;
        }
        struct operation *operation = &plan->operations[plan->count];
        *operation = (struct operation){.overflow = overflow};
        if (rd_slice_is(word, "get") && left >= 2) operation->kind = FIELD_GET;
        else if (rd_slice_is(word, "set") && left >= 3) operation->kind = FIELD_SET;
        else if (rd_slice_is(word, "incrby") && left >= 3) operation->kind = FIELD_INCREMENT;
        else {
            rd_reply_syntax_error(call->reply);
            return false;
        }
        if (!parse_type(call, call->argv[i + 1], operation) ||
            !rd_bits_offset(call, call->argv[i + 2], operation->bits, &operation->offset)) {
            return false;
        }
        i += 3;
        if (operation->kind != FIELD_GET) {
            if (!rd_call_integer(call, call->argv[i++], &operation->operand)) return false;
            plan->writes = true;
            if (operation->offset + operation->bits > plan->end) plan->end = operation->offset + operation->bits;
        }
        plan->count++;
    }
    return true;
}

/* The field's bits as a number, zero beyond the end; sign-extended where it is signed. */
static int64_t field_of(struct rd_slice bytes, const struct operation *operation) {
    uint64_t value = 0;
    for (unsigned i = 0; i < operation->bits; i++) value = value << 1 | rd_bits_get(bytes, operation->offset + i);
    unsigned unused = (64u - operation->bits) & 63;
    if (operation->is_signed) return (int64_t)(value << unused) >> unused;
    return (int64_t)value;
}

static void write_field(char *bytes, const struct operation *operation, int64_t value) {
    for (unsigned i = 0; i < operation->bits; i++) {
        uint64_t at = operation->offset + operation->bits - 1 - i;
        unsigned char mask = (unsigned char)(0x80 >> (at & 7));
        if ((uint64_t)value >> i & 1) bytes[at >> 3] = (char)((unsigned char)bytes[at >> 3] | mask);
        else bytes[at >> 3] = (char)((unsigned char)bytes[at >> 3] & ~mask);
    }
}

/*
 * The sum of the field's old value (for SET: of nothing) and the operand, fitted into the field. False: it does not
 * fit, and the operation's overflow is FAIL. An unsigned SET takes its operand as 64 bits without a sign, as Redis.
 */
static bool fit(const struct operation *operation, int64_t old, int64_t *result) {
    __int128 sum = operation->operand;
    if (operation->kind == FIELD_INCREMENT) sum += old;
    else if (!operation->is_signed) sum = (__int128)(uint64_t)operation->operand;
    __int128 most = ((__int128)1 << (operation->bits - operation->is_signed)) - 1;
    __int128 least = operation->is_signed ? -most - 1 : 0;
    if (sum >= least && sum <= most) {
        *result = (int64_t)sum;
        return true;
    }
    switch (operation->overflow) {
    case OVERFLOW_FAIL: return false;
    case OVERFLOW_SATURATE: *result = (int64_t)(sum > most ? most : least); return true;
    case OVERFLOW_WRAP: break;
    }
    unsigned unused = (64u - operation->bits) & 63;
    uint64_t kept = (uint64_t)sum << unused;
    *result = operation->is_signed ? (int64_t)kept >> unused : (int64_t)(kept >> unused);
    return true;
}

static void run(struct rd_call *call, const struct plan *plan) {
    struct rd_found found = plan->writes ? rd_call_write(call) : rd_call_read(call);
    if (rd_call_refuses(call, found.entry)) return;
    struct rd_slice value = found.entry ? rd_entry_value(found.entry) : (struct rd_slice){"", 0};
    char *bytes = NULL;
    if (plan->writes) {
        uint64_t length = (plan->end + 7) / 8;
        if (length < value.length) length = value.length;
        if (length > rd_call_value_limit(call)) {
            rd_reply_too_long(call->reply);
            return;
        }
        if (rd_call_resize(call, &found, length, &bytes) != RD_OK) {
            rd_reply_oom(call->reply);
            return;
        }
        value = (struct rd_slice){bytes, length};
    }
    rd_reply_array(call->reply, plan->count);
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct operation *operation = &plan->operations[i];
        int64_t old = field_of(value, operation), new;
        if (operation->kind == FIELD_GET || !bytes) { /* a plan that does not write has none, and nothing but GETs */
            rd_reply_integer(call->reply, old);
        } else if (!fit(operation, old, &new)) {
            rd_reply_null(call->reply);
        } else {
            write_field(bytes, operation, new);
            rd_reply_integer(call->reply, operation->kind == FIELD_SET ? old : new);
        }
    }
}

static void bitfield(struct rd_call *call, bool read_only) {
    struct plan plan = {.operations = malloc(call->argc * sizeof *plan.operations)};
    if (!plan.operations) {
        rd_reply_oom(call->reply);
        return;
    }
    if (parse(call, &plan)) {
        if (read_only && plan.writes) rd_reply_fail(call->reply, "ERR BITFIELD_RO only supports the GET subcommand");
        else run(call, &plan);
    }
    free(plan.operations);
}

/* https://redis.io/docs/latest/commands/bitfield/ */
static void cmd_bitfield(struct rd_call *call) {
    bitfield(call, false);
}

/* https://redis.io/docs/latest/commands/bitfield_ro/ */
static void cmd_bitfield_ro(struct rd_call *call) {
    bitfield(call, true);
}

/* Without an operation that changes something it only reads. */
static const char *bitfield_access(const struct rd_slice *argv, uint32_t argc) {
    for (uint32_t i = 2; i < argc; i++) {
        if (rd_slice_is(argv[i], "set") || rd_slice_is(argv[i], "incrby")) return "RW access update";
    }
    return "RO access";
}

const struct rd_command rd_bitfield_commands[] = {
    {"bitfield", -2, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_BITMAP, 1, 1, 1, cmd_bitfield,
     RD_DOCS("Performs arbitrary bitfield integer operations on strings.", "3.2.0", "bitmap",
             "O(1) for each subcommand specified", .access = "RW access update variable_flags",
             .access_of = bitfield_access,
             .syntax = "key [operation(GET get-block{encoding offset:integer}|write{[OVERFLOW overflow-block(WRAP|"
             "SAT|FAIL)] write-operation(SET set-block{encoding offset:integer value:integer}|"
             "INCRBY incrby-block{encoding offset:integer increment:integer})}) ...]")},
    {"bitfield_ro", -2, RD_CMD_FAST_READ | RD_CMD_BITMAP, 1, 1, 1, cmd_bitfield_ro,
     RD_DOCS("Performs arbitrary read-only bitfield integer operations on strings.", "6.0.0", "bitmap",
             "O(1) for each subcommand specified", .syntax = "key [GET get-block{encoding offset:integer}]...")},
    RD_END_OF_COMMANDS,
};
