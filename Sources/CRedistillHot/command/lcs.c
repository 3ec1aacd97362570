/* This file owns LCS, the longest common subsequence of two strings. */
#include "call/handler.h"
#include "command/multi.h"
#include "store/room.h"
#include "store/value.h"

struct lcs_options {
    bool length, indexes, with_match_length;
    int64_t least_match;
};

static bool parse_options(struct rd_call *call, struct lcs_options *options) {
    for (uint32_t i = 3; i < call->argc; i++) {
        struct rd_slice word = call->argv[i];
        if (rd_slice_is(word, "idx")) {
            options->indexes = true;
        } else if (rd_slice_is(word, "len")) {
            options->length = true;
        } else if (rd_slice_is(word, "withmatchlen")) {
            options->with_match_length = true;
        } else if (rd_slice_is(word, "minmatchlen") && i + 1 < call->argc) {
            if (!rd_call_integer(call, call->argv[++i], &options->least_match)) return false;
        } else {
            rd_reply_syntax_error(call->reply);
            return false;
        }
    }
    if (options->length && options->indexes) {
        rd_reply_fail(call->reply, "ERR If you want both the length and indexes, please just use IDX.");
        return false;
    }
    return true;
}

/*
 * L(i, j) is the length of the LCS of the first i bytes of a and the first j of b. Along a row it grows by 0 or 1, so
 * that a bit of each is enough: clear where it grows. Sixty-four of them are found with one addition.
 * M. Crochemore et al., A fast and practical bit-vector algorithm for the longest common subsequence problem, 2001.
 */
struct problem {
    struct rd_slice a, b;
    struct rd_blob *memory; /* of all below, so that it counts as what it is */
    uint64_t *matches;      /* for each byte value of a, where b has it: rows of `words` */
    uint64_t *row;          /* of `words`: the bits of the row under way, then of the last */
    uint64_t *bits;         /* all rows, b.length bits each, one behind the other; NULL: only the length is asked for */
    size_t words;
    uint16_t row_of[256];   /* in matches */
    size_t length;          /* of the LCS */
};

static bool grows_at(const struct problem *problem, size_t i, size_t j) {
    uint64_t bit = (uint64_t)(i - 1) * problem->b.length + j - 1;
    return !(problem->bits[bit / 64] >> bit % 64 & 1);
}

static void keep_row(struct problem *problem, size_t i) {
    uint64_t bit = (uint64_t)i * problem->b.length;
    uint64_t *at = problem->bits + bit / 64;
    unsigned shift = bit % 64;
    for (size_t word = 0; word < problem->words; word++) {
        size_t left = problem->b.length - word * 64;
        uint64_t row = left < 64 ? problem->row[word] & ((1ull << left) - 1) : problem->row[word];
        at[word] |= row << shift;
        if (shift) at[word + 1] |= row >> (64 - shift);
    }
}

static void next_row(struct problem *problem, const uint64_t *matches) {
    bool carry = false;
    for (size_t word = 0; word < problem->words; word++) {
        uint64_t row = problem->row[word], sum;
        bool over = __builtin_add_overflow(row, row & matches[word], &sum);
        over |= __builtin_add_overflow(sum, (uint64_t)carry, &sum);
        problem->row[word] = sum | (row & ~matches[word]);
        carry = over;
    }
}

/* Byte values of a are numbered; returns how many there are. */
static size_t number_values(struct problem *problem) {
    size_t count = 0;
    memset(problem->row_of, 0xff, sizeof problem->row_of);
    for (size_t i = 0; i < problem->a.length && count < 256; i++) {
        uint16_t *row = &problem->row_of[(unsigned char)problem->a.bytes[i]];
        if (*row == UINT16_MAX) *row = (uint16_t)count++;
    }
    return count;
}

/* Memory for it all, zeroed; NULL when the store has none to spare. */
static uint64_t *take_memory(struct rd_call *call, struct problem *problem, uint64_t words) {
    uint64_t bytes = words * sizeof(uint64_t);
    if (rd_room_never_fits(call->store, bytes) || rd_room_may_receive(call->store, bytes) != RD_RECEIVE) return NULL;
    problem->memory = rd_blob_new(&call->store->blobs, bytes, 0);
    if (!problem->memory) return NULL;
    memset(problem->memory->bytes, 0, bytes);
    return (uint64_t *)problem->memory->bytes;
}

static void find_rows(struct problem *problem) {
    for (size_t j = 0; j < problem->b.length; j++) {
        uint16_t row = problem->row_of[(unsigned char)problem->b.bytes[j]];
        if (row != UINT16_MAX) problem->matches[row * problem->words + j / 64] |= 1ull << j % 64;
    }
    memset(problem->row, 0xff, problem->words * sizeof *problem->row);
    for (size_t i = 0; i < problem->a.length; i++) {
        uint16_t row = problem->row_of[(unsigned char)problem->a.bytes[i]];
        next_row(problem, problem->matches + row * problem->words);
        if (problem->bits) keep_row(problem, i);
    }
    for (size_t word = 0; word < problem->words; word++) {
        size_t left = problem->b.length - word * 64;
        uint64_t grows = ~problem->row[word] & (left < 64 ? (1ull << left) - 1 : UINT64_MAX);
        problem->length += (size_t)__builtin_popcountll(grows);
    }
}

static bool solve(struct rd_call *call, struct problem *problem, bool only_length) {
    /* The longer one along the bits: it makes no difference to the length. */
    if (only_length && problem->a.length > problem->b.length) {
        struct rd_slice a = problem->a;
        problem->a = problem->b;
        problem->b = a;
    }
    size_t rows = problem->a.length + 1, columns = problem->b.length + 1;
    if (rows > UINT32_MAX - 1 || columns > UINT32_MAX - 1) {
        rd_reply_fail(call->reply, "ERR String too long for LCS");
        return false;
    }
    /* Redis's bound, by its matrix of four bytes each; ours is a thirty-second of that, but it bounds the time as well. */
    if ((unsigned __int128)rows * columns * sizeof(uint32_t) > rd_call_value_limit(call)) {
        rd_reply_fail(call->reply, "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
        return false;
    }
    problem->words = (problem->b.length + 63) / 64;
    uint64_t front = (number_values(problem) + 1) * problem->words;
    uint64_t all = only_length ? 0 : (uint64_t)problem->a.length * problem->b.length / 64 + 2;
    uint64_t *memory = take_memory(call, problem, front + all);
    if (!memory) {
        rd_reply_fail(call->reply, "ERR Insufficient memory, failed allocating transient memory for LCS");
        return false;
    }
    problem->row = memory;
    problem->matches = memory + problem->words;
    problem->bits = only_length ? NULL : memory + front;
    find_rows(problem);
    return true;
}

/* A run of matching bytes: a[a_start .. a_start + length), b likewise. */
struct match {
    size_t a_start, b_start, length;
};

/*
 * The next match from the back of a[0..*i), b[0..*j), with its bytes written before text[*left] (where text is given).
 * A match ends, as in Redis, where the path leaves the diagonal or either string begins. Length 0: there is none.
 */
static struct match next_match(const struct problem *problem, size_t *i, size_t *j, size_t *left, char *text) {
    struct match match = {0, 0, 0};
    while (*i > 0 && *j > 0) {
        if (problem->a.bytes[*i - 1] == problem->b.bytes[*j - 1]) {
            --*i;
            --*j;
            match = (struct match){*i, *j, match.length + 1};
            if (text) text[--*left] = problem->a.bytes[*i];
            continue;
        }
        if (match.length) return match;
        /* Where the bytes differ, a step along the row is the row above's: up, as L(i - 1, j) > L(i, j - 1). */
        if (grows_at(problem, *i, *j)) --*i;
        else --*j;
    }
    return match;
}

static void reply_range(struct rd_reply *reply, size_t start, size_t length) {
    rd_reply_array(reply, 2);
    rd_reply_integer(reply, (int64_t)start);
    rd_reply_integer(reply, (int64_t)(start + length - 1));
}

static void reply_indexes(struct rd_reply *reply, const struct problem *problem, const struct lcs_options *options) {
    rd_reply_map(reply, 2);
    rd_reply_text(reply, "matches");
    size_t from = reply->length, count = 0;
    size_t i = problem->a.length, j = problem->b.length, unused = 0;
    while (!reply->failed) {
        struct match match = next_match(problem, &i, &j, &unused, NULL);
        if (match.length == 0) break;
        if ((int64_t)match.length < options->least_match) continue;
        rd_reply_array(reply, options->with_match_length ? 3 : 2);
        reply_range(reply, match.a_start, match.length);
        reply_range(reply, match.b_start, match.length);
        if (options->with_match_length) rd_reply_integer(reply, (int64_t)match.length);
        count++;
    }
    rd_reply_array_at(reply, from, count);
    rd_reply_text(reply, "len");
    rd_reply_integer(reply, (int64_t)problem->length);
}

static void reply_text(struct rd_reply *reply, const struct problem *problem) {
    size_t i = problem->a.length, j = problem->b.length, left = problem->length;
    rd_reply_header(reply, '$', (int64_t)problem->length);
    char *text = rd_reply_room(reply, problem->length + 2);
    if (!text) return;
    while (next_match(problem, &i, &j, &left, text).length) {
    }
    memcpy(text + problem->length, "\r\n", 2);
    reply->length += problem->length + 2;
}

static void drop_values(struct rd_value values[2]) {
    rd_value_drop(&values[0]);
    rd_value_drop(&values[1]);
}

/*
 * Both values, so that the long work is done without the locks. A key that is absent is an empty string. False: none has
 * been taken, and the refusal has been written.
 */
static bool take_values(struct rd_call *call, struct rd_value values[2]) {
    struct rd_multi multi;
    if (!rd_multi_begin(&multi, call)) return false;
    bool strings = true;
    for (uint32_t i = 0; i < 2; i++) {
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], rd_call_key_at(call, 1 + i), call->now);
        rd_counter_add(found.entry ? &call->loop->counters.hits : &call->loop->counters.misses, 1);
        values[i].blob = NULL;
        values[i].length = 0;
        if (!found.entry) continue;
        rd_call_use(call, found.entry);
        if (rd_entry_is_shaped(found.entry)) strings = false;
        else rd_value_take(&values[i], found.entry);
    }
    rd_multi_end(&multi);
    if (strings) return true;
    drop_values(values);
    rd_reply_fail(call->reply, "ERR The specified keys must contain string values");
    return false;
}

/* https://redis.io/docs/latest/commands/lcs/ */
static void cmd_lcs(struct rd_call *call) {
    struct lcs_options options = {0};
    struct rd_value values[2];
    if (!take_values(call, values)) return; /* as in Redis before the options are read */
    struct problem problem = {.a = rd_value_slice(&values[0]), .b = rd_value_slice(&values[1])};
    if (parse_options(call, &options) && solve(call, &problem, options.length)) {
        if (options.indexes) reply_indexes(call->reply, &problem, &options);
        else if (options.length) rd_reply_integer(call->reply, (int64_t)problem.length);
        else reply_text(call->reply, &problem);
    }
    if (problem.memory) rd_blob_release(problem.memory);
    drop_values(values);
}

const struct rd_command rd_lcs_commands[] = {
    {"lcs", -3, RD_CMD_READONLY | RD_CMD_STRING, 1, 2, 1, cmd_lcs,
     RD_DOCS("Finds the longest common substring.", "7.0.0", "string",
             "O(N*M) where N and M are the lengths of s1 and s2, respectively",
             .syntax = "key1#0 key2#0 [LEN] [IDX] [MINMATCHLEN min-match-len:integer] [WITHMATCHLEN]")},
    RD_END_OF_COMMANDS,
};
