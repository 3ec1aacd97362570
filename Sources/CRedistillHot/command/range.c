/* This file owns the commands on a part of a string: GETRANGE, SUBSTR, SETRANGE. */
#include "call/handler.h"

/* https://redis.io/docs/latest/commands/getrange/ and its old name substr */
static void cmd_getrange(struct rd_call *call) {
    int64_t start, end;
    if (!rd_call_integer(call, call->argv[2], &start) || !rd_call_integer(call, call->argv[3], &end)) return;
    struct rd_found found = rd_call_read(call);
    if (rd_call_refuses(call, found.entry)) return;
    if (!found.entry) {
        rd_reply_literal(call->reply, "$0\r\n\r\n");
        return;
    }
    struct rd_slice value = rd_entry_value(found.entry);
    struct rd_blob *blob = rd_entry_value_blob(found.entry);
    int64_t length = (int64_t)value.length;
    bool backwards = start < 0 && end < 0 && start > end;
    if (start < 0) start += length;
    if (end < 0) end += length;
    if (start < 0) start = 0;
    if (end < 0) end = 0; /* an end before the first byte is the first byte, as Redis has it */
    if (end >= length) end = length - 1;
    if (backwards || start > end) rd_reply_literal(call->reply, "$0\r\n\r\n");
    else if (blob) rd_reply_blob_part(call->reply, blob, (size_t)start, (size_t)(end - start + 1));
    else rd_reply_bulk(call->reply, value.bytes + start, (size_t)(end - start + 1));
}

/* https://redis.io/docs/latest/commands/setrange/ */
static void cmd_setrange(struct rd_call *call) {
    struct rd_slice part = call->argv[3];
    int64_t offset;
    if (!rd_call_integer(call, call->argv[2], &offset)) return;
    if (offset < 0) {
        rd_reply_fail(call->reply, "ERR offset is out of range");
        return;
    }
    struct rd_found found = rd_call_write(call);
    if (rd_call_refuses(call, found.entry)) return;
    uint64_t old_length = found.entry ? rd_entry_value(found.entry).length : 0;
    if (part.length == 0) {
        rd_reply_integer(call->reply, (int64_t)old_length);
        return;
    }
    uint64_t needed = (uint64_t)offset + part.length;
    if (needed > rd_call_value_limit(call)) {
        rd_reply_too_long(call->reply);
        return;
    }
    uint64_t length = needed > old_length ? needed : old_length;
    char *bytes;
    if (rd_call_resize(call, &found, length, &bytes) != RD_OK) {
        rd_reply_oom(call->reply);
        return;
    }
    memcpy(bytes + offset, part.bytes, part.length);
    rd_reply_integer(call->reply, (int64_t)length);
}

const struct rd_command rd_range_commands[] = {
    {"getrange", 4, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_STRING, 1, 1, 1, cmd_getrange,
     RD_DOCS("Returns a substring of the string stored at a key.", "2.4.0", "string",
             "O(N) where N is the length of the returned string.", .syntax = "key start:integer end:integer")},
    {"setrange", 4, RD_CMD_WRITE | RD_CMD_ONE_KEY | RD_CMD_DENYOOM | RD_CMD_STRING, 1, 1, 1, cmd_setrange,
     RD_DOCS("Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.",
             "2.2.0", "string",
             "O(1), not counting the time taken to copy the new string in place. Usually, this string is very "
             "small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of "
             "the value argument.", .access = "RW update", .syntax = "key offset:integer value")},
    {"substr", 4, RD_CMD_READONLY | RD_CMD_ONE_KEY | RD_CMD_STRING, 1, 1, 1, cmd_getrange,
     RD_DOCS("Returns a substring from a string value.", "1.0.0", "string",
             "O(N) where N is the length of the returned string.", .syntax = "key start:integer end:integer",
             .deprecated = "2.0.0 `GETRANGE`")},
    RD_END_OF_COMMANDS,
};
