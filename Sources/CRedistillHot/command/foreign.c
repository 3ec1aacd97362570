/*
 * This file owns SORT, as far as clients send it without knowing whether there is something to sort: nothing is sorted
 * here, and what Redis would sort is refused.
 */
#include "call/handler.h"
#include "store/shaped.h"

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

/* Would Redis sort it? */
static bool is_sortable(const struct rd_entry *entry) {
    enum rd_type_of_value type = rd_entry_type(entry);
    return type == RD_VALUE_LIST || type == RD_VALUE_SET || type == RD_VALUE_ZSET;
}

static void sort(struct rd_call *call, bool may_store) {
    bool stores = false;
    if (!parse_sort(call, may_store, &stores)) return;
    const struct rd_entry *entry = rd_call_look(call).entry;
    if (entry && is_sortable(entry)) rd_reply_fail(call->reply, "ERR sorting is not supported by Redistill");
    else if (entry) rd_reply_wrong_type(call->reply);
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

#define SORT_COMPLEXITY "O(1), since nothing is sorted"

const struct rd_command rd_foreign_commands[] = {
    {"sort", -2, RD_CMD_WRITE | RD_CMD_DENYOOM | RD_CMD_ONE_KEY | RD_CMD_DANGEROUS, 1, 1, 1, cmd_sort,
     RD_DOCS("Sorts the elements in a list, a set, or a sorted set; here only a key that is not there.", "1.0.0", "generic",
             SORT_COMPLEXITY,
             .access = "RO access",
             .syntax = "key [BY by-pattern'pattern':pattern#1] [LIMIT limit{offset:integer count:integer}] "
             "[GET get-pattern'pattern':pattern#1]... [order(ASC|DESC)] [sorting=ALPHA] [STORE destination#2]",
             .also = "movablekeys @set @sortedset @list",
             .access_elsewhere = "RO access\n"
             "OW update")},
    {"sort_ro", -2, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_DANGEROUS, 1, 1, 1, cmd_sort_ro,
     RD_DOCS("The same as SORT without STORE.", "7.0.0", "generic", SORT_COMPLEXITY,
             .syntax = "key [BY by-pattern'pattern':pattern#1] [LIMIT limit{offset:integer count:integer}] "
             "[GET get-pattern'pattern':pattern#1]... [order(ASC|DESC)] [sorting=ALPHA]",
             .also = "movablekeys @set @sortedset @list", .access_elsewhere = "RO access")},
    RD_END_OF_COMMANDS,
};
