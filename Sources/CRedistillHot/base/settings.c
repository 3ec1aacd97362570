/* This file owns the defaults and ranges of settings. */
#include "base/settings.h"

struct range {
    int64_t initial, least, most;
};

#define DAY_MS (86400 * 1000ll)
#define ANY_BYTES (INT64_MAX / 2)
/* What is packed is written anew with each change, which has to stay short. */
#define PACKED_MOST (64 << 10)

static const struct range ranges[RD_SETTING_COUNT] = {
    [RD_SET_MAX_CONNECTIONS] = {10000, 0, 10000000},
    [RD_SET_IDLE_TIMEOUT] = {0, 0, 365 * DAY_MS},
    [RD_SET_CONNECTION_RATE] = {0, 0, 10000000},
    [RD_SET_TCP_NODELAY] = {1, 0, 1},
    [RD_SET_TCP_KEEPALIVE] = {300, 0, 32767}, /* the most that the kernel takes */
    [RD_SET_MAX_MEMORY] = {0, 0, ANY_BYTES},
    [RD_SET_EVICTION_SAMPLES] = {5, 1, 64},
    [RD_SET_MAX_BULK_LENGTH] = {512 << 20, 1024, UINT32_MAX},
    [RD_SET_QUERY_BUFFER_LIMIT] = {1 << 30, 64 << 10, ANY_BYTES},
    [RD_SET_OUTPUT_LIMIT] = {1 << 30, 0, ANY_BYTES},
    [RD_SET_OUTPUT_SOFT_LIMIT] = {0, 0, ANY_BYTES},
    [RD_SET_OUTPUT_SOFT_TIME] = {0, 0, DAY_MS},
    [RD_SET_AUTH_REQUIRED] = {0, 0, 1},
    [RD_SET_AUTH_TIMEOUT] = {60000, 0, DAY_MS},
    [RD_SET_PROTECTED_MODE] = {1, 0, 1},
    [RD_SET_BATCH_SIZE] = {64, 1, 256},
    [RD_SET_EXPIRE_EFFORT] = {1, 1, 10},
    [RD_SET_TLS_HANDSHAKE_TIMEOUT] = {10000, 100, DAY_MS},
    [RD_SET_SLOWLOG_SLOWER_THAN] = {10000, 0, RD_SLOWLOG_OFF},
    [RD_SET_SLOWLOG_MAX_LEN] = {128, 0, 1000000},
    [RD_SET_SLOWLOG_ENTRY_ARGS] = {32, 2, 1000000},
    [RD_SET_SLOWLOG_ENTRY_BYTES] = {128, 1, 1 << 30},
    [RD_SET_LARGE_REQUEST] = {1 << 20, 0, RD_SLOWLOG_OFF},
    [RD_SET_LARGE_REQUEST_MAX_LEN] = {128, 0, 1000000},
    [RD_SET_LARGE_REPLY] = {1 << 20, 0, RD_SLOWLOG_OFF},
    [RD_SET_LARGE_REPLY_MAX_LEN] = {128, 0, 1000000},
    [RD_SET_CONNECTION_RATE_PER_ADDRESS] = {0, 0, 10000000},
    [RD_SET_TLS_HANDSHAKE_LIMIT] = {1000, 0, 10000000},
    [RD_SET_AUTH_FAILURE_DELAY] = {500, 0, 60000},
    [RD_SET_LATENCY_THRESHOLD] = {0, 0, 365 * DAY_MS},
    [RD_SET_LATENCY_TRACKING] = {1, 0, 1},
    [RD_SET_LFU_DECAY_TIME] = {1, 0, INT32_MAX},
    [RD_SET_TRACKING_KEYS] = {1 << 20, 0, ANY_BYTES},
    [RD_SET_MAX_CLIENT_MEMORY] = {0, 0, ANY_BYTES},
    [RD_SET_SCRIPT_TIME_LIMIT] = {5000, 0, DAY_MS},
    [RD_SET_HTTP_CONNECTIONS] = {64, 1, 10000},
    [RD_SET_TELL_CONNECTIONS] = {0, 0, 1},
    [RD_SET_TLS_USER] = {0, 0, 1},
    [RD_SET_TELL_ADMIN_CALLS] = {0, 0, 1},
    [RD_SET_HASH_ENTRIES] = {512, 0, PACKED_MOST},
    [RD_SET_HASH_VALUE] = {64, 0, PACKED_MOST},
    [RD_SET_SET_INTEGERS] = {512, 0, PACKED_MOST},
    [RD_SET_SET_ENTRIES] = {128, 0, PACKED_MOST},
    [RD_SET_SET_VALUE] = {64, 0, PACKED_MOST},
    [RD_SET_ZSET_ENTRIES] = {128, 0, PACKED_MOST},
    [RD_SET_ZSET_VALUE] = {64, 0, PACKED_MOST},
    [RD_SET_LIST_ENTRIES] = {0, 0, PACKED_MOST},
    [RD_SET_LIST_BYTES] = {8 << 10, 4 << 10, 64 << 10},
    [RD_SET_DEBUG_COMMAND] = {RD_DEBUG_NO, RD_DEBUG_NO, RD_DEBUG_YES},
};

void rd_settings_init(struct rd_settings *settings) {
    for (enum rd_setting i = 0; i < RD_SETTING_COUNT; i++) atomic_init(&settings->values[i], ranges[i].initial);
}

int64_t rd_setting_default(enum rd_setting setting) {
    return ranges[setting].initial;
}

bool rd_setting_allows(enum rd_setting setting, int64_t value) {
    return (unsigned)setting < RD_SETTING_COUNT && value >= ranges[setting].least && value <= ranges[setting].most;
}
