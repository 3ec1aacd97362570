/* This file owns the making of arguments. */
#include "words.h"

#include "base/digest.h"
#include "script.h"
#include "resp/rdb.h"

static const size_t thresholds[] = {0, 1, 2, 11, 12, 20, 255, 256, 1092, 4096, 16384, 32768, 65536, 1048576};

static const char *const numbers[] = {
    "0", "1", "-1", "2", "3", "7", "8", "10", "63", "64", "100", "255", "1000", "4095", "65535", "65536", "1048576",
    "2147483647", "2147483648", "-2147483648", "4294967295", "4294967296", "1099511627776", "9007199254740993",
    "536870912", "536870911", "4294967287", "4611686018427387904", "9223372036854775807", "9223372036854775806",
    "-9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615",
    "18446744073709551616", "99999999999999999999999999", "", "-", "+1", "01", "-0", " 1", "1 ", "1.5", "1e3", "0x10",
    "abc", "nan", "\xff\x00\x7f",
};

static const char *const floats[] = {
    "0", "1", "-1", "0.1", "1.5", "-2.25", "1e10", "1e308", "1e4932", "-1e4932", "1e-4932", "inf", "-inf", "nan",
    "3.0e3", "17179869184.123456789", "5000000000.0000000001", "1e17", "0.00000000000000001", "1.", ".5", "x",
    "123456789012345678901234567890", "1e99999",
};

static const char *const patterns[] = {
    "*", "g:*", "?:*", "[a-z]*", "[^a]*", "\\*", "a*a*a*a*b", "[", "[]", "[a", "[a-", "\\", "", "**", "h?llo", "v:1",
    "*:[0-9]",
};

static const char *const names[] = {
    "alice", "", "bad name", "line\nend", "redis-py", "7.4.0", "x", "\xff\xfe", "a-rather-long-name-for-a-client-0123456789",
};

static const char *const bit_types[] = {
    "u8", "i8", "u1", "i1", "u63", "i64", "u64", "i65", "u0", "i5", "u13", "u32", "i32", "x", "u", "i-1", "u8 ",
};

static const char *const commands[] = {
    "get", "set", "mset", "client|kill", "config|get", "nothing", "msetex", "bitop", "client", "object|encoding",
    "", "ECHO", "increx", "restore", "client|",
};

static const char *const addresses[] = {"127.0.0.1:1", "[::1]:2", "unix", "", "127.0.0.1:0", "/tmp/none:0"};

size_t word_length(struct fuzz_random *random, const struct words *words) {
    uint32_t dice = fuzz_below(random, 1000);
    size_t length;
    if (dice < 750) {
        length = fuzz_below(random, dice < 500 ? 24 : 300);
    } else {
        uint32_t count = dice < 930 ? 9 : dice < 990 ? 13 : 14;
        length = thresholds[fuzz_below(random, count)] + fuzz_below(random, 3);
        if (length > 0) length--;
    }
    return length < words->longest ? length : words->longest;
}

static void add_value(struct bytes *bytes, struct fuzz_random *random, size_t length) {
    char *at = bytes_room(bytes, length);
    uint64_t style = fuzz_below(random, 4), seed = fuzz_next(random);
    for (size_t i = 0; i < length; i++) {
        at[i] = style == 0 ? 'x' : style == 1 ? (char)('a' + i % 26) : (char)(fuzz_mix(seed + i / 8) >> (i % 8 * 8));
        if (style == 3) at[i] = (char)('0' + (unsigned char)at[i] % 10);
    }
    bytes->length += length;
}

static void add_key(struct request *request, struct fuzz_random *random, char pool) {
    char name[64];
    uint32_t dice = fuzz_below(random, 200);
    size_t length = (size_t)snprintf(name, sizeof name, "%c:%u", pool, fuzz_below(random, 14));
    bytes_add(&request->bytes, name, length);
    /* Long ones: of more than the slot's inline room, and of more than one read. */
    static const size_t longer[] = {240, 247, 250, 252, 253, 300, 1100, 5000, 33000, 70000};
    if (dice < 10) add_value(&request->bytes, &(struct fuzz_random){name[2]}, longer[dice]);
    if (dice == 10) request->bytes.length -= length;
    request_close(request);
}

static void add_number(struct request *request, struct fuzz_random *random) {
    if (fuzz_chance(random, 50)) request_text(request, FUZZ_PICK(random, numbers));
    else request_number(request, (int)fuzz_below(random, 40) - 8);
}

static void add_time(struct request *request, struct fuzz_random *random) {
    static const long long times[] = {1, 2, 5, 20, 50, 100, 1000, 100000, 0, -1, 3000000000ll, 9223372036854775ll};
    if (fuzz_chance(random, 85)) request_number(request, FUZZ_PICK(random, times));
    else add_number(request, random);
}

static void add_absolute(struct request *request, struct fuzz_random *random) {
    static const long long times[] = {1, 1000000000ll, 4000000000ll, 1800000000ll, 1800000000000ll, 4000000000000ll};
    if (fuzz_chance(random, 80)) request_number(request, FUZZ_PICK(random, times));
    else add_number(request, random);
}

static void add_offset(struct request *request, struct fuzz_random *random) {
    static const long long offsets[] = {0, 1, 7, 8, 88, 96, 2040, 2047, 2048, 8735, 8736, 32767, 32768, 131072, 262144,
                                        524288, 1048576, 8388608, 4294967295ll, 4294967296ll, -1};
    if (fuzz_chance(random, 20)) bytes_text(&request->bytes, "#");
    if (fuzz_chance(random, 80)) bytes_number(&request->bytes, FUZZ_PICK(random, offsets));
    else bytes_text(&request->bytes, FUZZ_PICK(random, numbers));
    request_close(request);
}

/* What DUMP makes of a value, now and then with a byte that is wrong. */
static void add_payload(struct request *request, struct fuzz_random *random, const struct words *words) {
    struct bytes value = {0};
    add_value(&value, random, word_length(random, words));
    char *at = bytes_room(&request->bytes, value.length + RD_RDB_OVERHEAD);
    size_t length = rd_rdb_write((struct rd_slice){value.at ? value.at : "", value.length}, at);
    if (fuzz_chance(random, 30)) at[fuzz_below(random, (uint32_t)length)] ^= (char)(1 << fuzz_below(random, 8));
    if (fuzz_chance(random, 10)) length = fuzz_below(random, (uint32_t)length);
    request->bytes.length += length;
    request_close(request);
    bytes_free(&value);
}

/* Of values with a shape: of few, so that most are there. */
static void add_member(struct request *request, struct fuzz_random *random) {
    uint32_t which = fuzz_below(random, 40);
    char text[80] = {0};
    if (which < 15) request_number(request, (long long)which - 5);
    else if (which > 36) request_add(request, memset(text, 'a' + (int)which % 3, sizeof text), sizeof text);
    else request_add(request, text, (size_t)snprintf(text, sizeof text, "member-%u", which));
}

bool word_add(struct request *request, struct fuzz_random *random, const struct words *words, const char *kind) {
    if (strcmp(kind, "k") == 0) add_key(request, random, fuzz_chance(random, 90) ? 'g' : 's');
    else if (strcmp(kind, "m") == 0) add_member(request, random);
    else if (strcmp(kind, "sk") == 0) add_key(request, random, 's');
    else if (strcmp(kind, "n") == 0) add_number(request, random);
    else if (strcmp(kind, "s") == 0) request_number(request, (int)fuzz_below(random, 24) - 3);
    else if (strcmp(kind, "f") == 0) request_text(request, FUZZ_PICK(random, floats));
    else if (strcmp(kind, "t") == 0) add_time(request, random);
    else if (strcmp(kind, "at") == 0) add_absolute(request, random);
    else if (strcmp(kind, "p") == 0) request_text(request, FUZZ_PICK(random, patterns));
    else if (strcmp(kind, "bo") == 0) add_offset(request, random);
    else if (strcmp(kind, "type") == 0) request_text(request, FUZZ_PICK(random, bit_types));
    else if (strcmp(kind, "id") == 0) request_number(request, fuzz_below(random, words->clients + 2));
    else if (strcmp(kind, "name") == 0) request_text(request, FUZZ_PICK(random, names));
    else if (strcmp(kind, "addr") == 0) request_text(request, FUZZ_PICK(random, addresses));
    else if (strcmp(kind, "cmd") == 0) request_text(request, FUZZ_PICK(random, commands));
    else if (strcmp(kind, "pass") == 0) request_text(request, fuzz_chance(random, 70) ? "secret" : "wrong");
    else if (strcmp(kind, "c") == 0) request_number(request, (long long)(fuzz_next(random) >> fuzz_below(random, 64)));
    else if (strcmp(kind, "ms") == 0) request_number(request, fuzz_below(random, 60));
    else if (strcmp(kind, "dump") == 0) add_payload(request, random, words);
    else if (strcmp(kind, "v") == 0) {
        add_value(&request->bytes, random, word_length(random, words));
        request_close(request);
    } else if (strcmp(kind, "sv") == 0) {
        add_value(&request->bytes, random, fuzz_below(random, 300));
        request_close(request);
    } else if (strcmp(kind, "script") == 0) {
        if (fuzz_chance(random, 30)) script_add_known(&request->bytes, random);
        else script_add_any(&request->bytes, random);
        request_close(request);
    } else if (strcmp(kind, "scriptdigest") == 0) {
        script_add_digest(&request->bytes, random);
        request_close(request);
    } else if (strcmp(kind, "digest") == 0) {
        char digest[RD_DIGEST_DIGITS];
        rd_digest_format((struct rd_slice){"x", 1}, digest);
        request_add(request, digest, sizeof digest);
    } else {
        return false;
    }
    return true;
}

void word_add_any(struct request *request, struct fuzz_random *random, const struct words *words) {
    static const char *const kinds[] = {"k", "k", "n", "n", "s", "f", "t", "p", "bo", "id", "name", "cmd", "v", "v", "at"};
    static const char *const options[] = {"ex", "px", "nx", "xx", "get", "keepttl", "on", "off", "match", "count", "help",
                                          "bcast", "redirect", "async", "replace", "id", "limit", "persist", "yes", "no"};
    if (fuzz_chance(random, 25)) request_text(request, FUZZ_PICK(random, options));
    else (void)word_add(request, random, words, FUZZ_PICK(random, kinds));
}
