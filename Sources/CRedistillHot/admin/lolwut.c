/* This file owns LOLWUT: a still, the apparatus that a distillery has its name from. */
#include "call/handler.h"

/* https://redis.io/docs/latest/commands/lolwut/ : every version draws the same. */
static void cmd_lolwut(struct rd_call *call) {
    static const char drawing[] = "      __\n"
                                  "     /  \\________\n"
                                  "    |    |______ \\\n"
                                  "   /      \\     \\ \\\n"
                                  "  |  ~~~~  |     \\ \\\n"
                                  "  |        |      | |\n"
                                  "   \\______/      _|_|_\n"
                                  "    ^^^^^^      |__.__|\n"
                                  "\n"
                                  "Redis ver. " RD_REDIS_VERSION "\n";
    int64_t version;
    bool named = call->argc > 2 && rd_slice_is(call->argv[1], "version");
    if (named && !rd_call_integer(call, call->argv[2], &version)) return;
    rd_reply_verbatim(call->reply, drawing, sizeof drawing - 1);
}

const struct rd_command rd_lolwut_commands[] = {
    {"lolwut", -1, RD_CMD_READONLY | RD_CMD_FAST, 0, 0, 0, cmd_lolwut,
     RD_DOCS("Displays computer art and the Redis version", "5.0.0", "server", "O(1)",
             .syntax = "[VERSION version:integer]")},
    RD_END_OF_COMMANDS,
};
