/* This file owns adding up requests and replies, and the thresholds of their logs. */
#include "observe/large.h"

#include "connection/conn.h"
#include "observe/observer.h"

/* A header's bytes: its type, a number, CRLF. */
static uint64_t header_bytes(uint64_t number) {
    uint64_t digits = 1;
    for (; number >= 10; number /= 10) digits++;
    return digits + 3;
}

uint64_t rd_request_bytes(const struct rd_slice *argv, uint32_t argc) {
    uint64_t bytes = header_bytes(argc);
    for (uint32_t i = 0; i < argc; i++) bytes += header_bytes(argv[i].length) + argv[i].length + 2;
    return bytes;
}

void rd_large_command(const struct rd_observer *observer, const struct rd_call *call, struct rd_reply_mark mark) {
    struct rd_logged logged = rd_logged_call(call);
    rd_command_log_tell(observer, RD_LOG_LARGE_REQUEST, &logged, (int64_t)rd_request_bytes(call->argv, call->argc));
    if (call->conn->awaits_call) return; /* its reply is yet to come */
    rd_command_log_tell(observer, RD_LOG_LARGE_REPLY, &logged, (int64_t)rd_reply_bytes(call->reply, mark));
}
