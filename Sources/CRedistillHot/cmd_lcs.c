/* This file owns LCS, the longest common subsequence of two strings. */
#include <stdlib.h>

#include "cmd.h"
#include "multi.h"
#include "value.h"

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

/* lengths[i * (b.length + 1) + j] is the length of the LCS of the first i bytes of a and the first j of b. */
struct problem {
    struct rd_slice a, b;
    uint32_t *lengths;
};

static uint32_t length_at(const struct problem *problem, size_t i, size_t j) {
    return problem->lengths[i * (problem->b.length + 1) + j];
}

static bool solve(struct rd_call *call, struct problem *problem) {
    size_t rows = problem->a.length + 1, columns = problem->b.length + 1;
    uint64_t limit = rd_call_value_limit(call);
    if (rows > UINT32_MAX - 1 || columns > UINT32_MAX - 1) {
        rd_reply_fail(call->reply, "ERR String too long for LCS");
        return false;
    }
    if ((unsigned __int128)rows * columns * sizeof(uint32_t) > limit) {
        rd_reply_fail(call->reply, "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
        return false;
    }
    uint32_t *lengths = problem->lengths = calloc(rows * columns, sizeof *lengths);
    if (!lengths) {
        rd_reply_fail(call->reply, "ERR Insufficient memory, failed allocating transient memory for LCS");
        return false;
    }
    for (size_t i = 1; i < rows; i++) {
        const uint32_t *above = lengths + (i - 1) * columns;
        uint32_t *row = lengths + i * columns;
        for (size_t j = 1; j < columns; j++) {
            if (problem->a.bytes[i - 1] == problem->b.bytes[j - 1]) row[j] = above[j - 1] + 1;
            else row[j] = above[j] > row[j - 1] ? above[j] : row[j - 1];
        }
    }
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
        if (length_at(problem, *i - 1, *j) > length_at(problem, *i, *j - 1)) --*i;
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
    for (;;) {
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
    rd_reply_integer(reply, length_at(problem, problem->a.length, problem->b.length));
}

static void reply_text(struct rd_reply *reply, const struct problem *problem) {
    size_t i = problem->a.length, j = problem->b.length, length = length_at(problem, i, j), left = length;
    char *text = malloc(length + 1);
    if (!text) {
        rd_reply_oom(reply);
        return;
    }
    while (next_match(problem, &i, &j, &left, text).length) {
    }
    rd_reply_bulk(reply, text, length);
    free(text);
}

/* Both values, so that the long work is done without the locks. A key that is absent is an empty string. */
static bool take_values(struct rd_call *call, struct rd_value values[2]) {
    struct rd_multi multi;
    if (rd_multi_begin(&multi, call) != RD_OK) {
        rd_reply_oom(call->reply);
        return false;
    }
    for (uint32_t i = 0; i < 2; i++) {
        struct rd_shard *shard = rd_multi_shard(&multi, i);
        struct rd_found found = rd_shard_find(shard, multi.hashes[i], call->argv[1 + i], call->now);
        rd_counter_add(found.entry ? &call->worker->counters.hits : &call->worker->counters.misses, 1);
        if (found.entry) {
            rd_call_use(call, found.entry);
            rd_value_take(&values[i], found.entry);
        } else {
            values[i].blob = NULL;
            values[i].length = 0;
        }
    }
    rd_multi_end(&multi);
    return true;
}

/* https://redis.io/docs/latest/commands/lcs/ */
void rd_cmd_lcs(struct rd_call *call) {
    struct lcs_options options = {0};
    struct rd_value values[2];
    if (!parse_options(call, &options) || !take_values(call, values)) return;
    struct problem problem = {rd_value_slice(&values[0]), rd_value_slice(&values[1]), NULL};
    if (solve(call, &problem)) {
        if (options.indexes) reply_indexes(call->reply, &problem, &options);
        else if (options.length) {
            rd_reply_integer(call->reply, length_at(&problem, problem.a.length, problem.b.length));
        } else reply_text(call->reply, &problem);
        free(problem.lengths);
    }
    rd_value_drop(&values[0]);
    rd_value_drop(&values[1]);
}
