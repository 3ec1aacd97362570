/*
 * This file owns the commands on types that are not here, as far as clients send them without knowing the type: SORT, and
 * the scan of sorted sets. A key that is there is of another type, so that each is answered as of a wrong one.
 */
#include "call/handler.h"

#define WRONG_TYPE "WRONGTYPE Operation against a key holding the wrong kind of value"

/* Are the words after the key options of SORT? `stores`: STORE is one. */
static bool parse_sort(struct rd_call *call, bool may_store, bool *stores) {
    uint32_t left;
    for (uint32_t i = 2; i < call->argc; i++) {
        struct rd_slice word = call->argv[i];
        left = call->argc - i - 1;
        int64_t number;
        if (rd_slice_is(word, "asc") || rd_slice_is(word, "desc") || rd_slice_is(word, "alpha")) continue;
        if (rd_slice_is(word, "limit") && left >= 2) {
            if (!rd_call_integer(call, call->argv[i + 1], &number)) return false;
            if (!rd_call_integer(call, call->argv[i + 2], &number)) return false;
            i += 2;
        } else if (left >= 1 && (rd_slice_is(word, "by") || rd_slice_is(word, "get"))) {
            i++;
        } else if (left >= 1 && may_store && rd_slice_is(word, "store")) {
            *stores = true;
            i++;
        } else {
            rd_reply_syntax_error(call->reply);
            return false;
        }
    }
    return true;
}

static void sort(struct rd_call *call, bool may_store) {
    bool stores = false;
    if (!parse_sort(call, may_store, &stores)) return;
    if (rd_call_look(call).entry) rd_reply_fail(call->reply, WRONG_TYPE);
    else if (stores) rd_reply_integer(call->reply, 0);
    else rd_reply_array(call->reply, 0);
}

/* https://redis.io/docs/latest/commands/sort/ : what an empty result would remove is no key that could be there. */
static void cmd_sort(struct rd_call *call) {
    sort(call, true);
}

/* https://redis.io/docs/latest/commands/sort_ro/ */
static void cmd_sort_ro(struct rd_call *call) {
    sort(call, false);
}

/*
 * https://redis.io/docs/latest/commands/zscan/ : php-redis up to 5.3.7 reads every later reply one off after an error of
 * this, and would give one key's value for another's: it is closed instead.
 */
static void cmd_scan_collection(struct rd_call *call) {
    uint64_t cursor;
    if (!rd_parse_u64(call->argv[2].bytes, call->argv[2].length, &cursor)) {
        rd_reply_fail(call->reply, "ERR invalid cursor");
    } else if (!rd_call_look(call).entry) {
        rd_reply_literal(call->reply, "*2\r\n$1\r\n0\r\n*0\r\n");
        return;
    } else {
        rd_reply_fail(call->reply, WRONG_TYPE);
    }
    call->conn->closing = true;
}

#define SCAN_COMPLEXITY "O(1), since there are none"

const struct rd_command rd_foreign_commands[] = {
    {"sort", -2, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_ONE_KEY | RD_CMD_DANGEROUS, 1, 1, 1, cmd_sort,
     RD_DOCS("Sorts the elements in a list, a set, or a sorted set; there are none.", "1.0.0", "generic", SCAN_COMPLEXITY,
             .access = "RO access",
             .syntax = "key [BY by-pattern'pattern':pattern#1] [LIMIT limit{offset:integer count:integer}] "
             "[GET get-pattern'pattern':pattern#1]... [order(ASC|DESC)] [sorting=ALPHA] [STORE destination#2]",
             .also = "movablekeys @set @sortedset @list",
             .access_elsewhere = "RO access\n"
             "OW update")},
    {"sort_ro", -2, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_DANGEROUS, 1, 1, 1, cmd_sort_ro,
     RD_DOCS("The same as SORT without STORE.", "7.0.0", "generic", SCAN_COMPLEXITY,
             .syntax = "key [BY by-pattern'pattern':pattern#1] [LIMIT limit{offset:integer count:integer}] "
             "[GET get-pattern'pattern':pattern#1]... [order(ASC|DESC)] [sorting=ALPHA]",
             .also = "movablekeys @set @sortedset @list", .access_elsewhere = "RO access")},
    {"zscan", -3, RD_CMD_READONLY | RD_CMD_ONE_KEY, 1, 1, 1, cmd_scan_collection,
     RD_DOCS("Iterates over members and scores of a sorted set; there are none.", "2.8.0", "sorted-set", SCAN_COMPLEXITY,
             .syntax = "key cursor:integer [MATCH pattern:pattern] [COUNT count:integer]",
             .tips = "nondeterministic_output")},
    RD_END_OF_COMMANDS,
};
