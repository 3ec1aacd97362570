/* This file owns the thresholds of slow log and latency monitor. */
#include "observe/slow.h"

#include "connection/conn.h"
#include "observe/observer.h"

void rd_slow_command(struct rd_observer *observer, const struct rd_conn *conn, const struct rd_command *command,
                     const struct rd_slice *argv, uint32_t argc, const struct rd_received *received, int64_t ns) {
    struct rd_observers *all = observer->all;
    const struct rd_settings *settings = observer->loop->settings;
    int64_t us = ns / 1000, ms = ns / 1000000, unix_s = observer->loop->now_ms / 1000;
    int64_t threshold = rd_setting(settings, RD_SET_LATENCY_THRESHOLD);
    if (threshold > 0 && ms >= threshold) {
        rd_latency_add(&all->latency, command->flags & RD_CMD_FAST ? RD_LATENCY_FAST_COMMAND : RD_LATENCY_COMMAND,
                       unix_s, ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX);
    }
    uint32_t most = (uint32_t)rd_setting(settings, RD_SET_SLOWLOG_MAX_LEN);
    if (us < rd_setting(settings, RD_SET_SLOWLOG_SLOWER_THAN) || most == 0) return;
    char peer[RD_ADDRESS_SIZE];
    rd_conn_peer(conn, peer, sizeof peer);
    rd_slowlog_add(&all->slowlog, most, command, argv, argc, received, us, unix_s, peer,
                   conn->info && conn->info->name ? conn->info->name : "");
}
