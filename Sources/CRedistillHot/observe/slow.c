/* This file owns the thresholds of slow log and latency monitor. */
#include "observe/slow.h"

#include "observe/observer.h"

void rd_slow_command(const struct rd_observer *observer, const struct rd_logged *logged, int64_t ns) {
    const struct rd_settings *settings = observer->loop->settings;
    int64_t ms = ns / 1000000, threshold = rd_setting(settings, RD_SET_LATENCY_THRESHOLD);
    if (threshold > 0 && ms >= threshold) {
        bool is_fast = logged->command->flags & RD_CMD_FAST;
        rd_latency_add(&observer->all->latency, is_fast ? RD_LATENCY_FAST_COMMAND : RD_LATENCY_COMMAND,
                       observer->loop->now_ms / 1000, ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX);
    }
    rd_command_log_tell(observer, RD_LOG_SLOW, logged, ns / 1000);
}
