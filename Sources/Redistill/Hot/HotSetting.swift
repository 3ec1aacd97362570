internal import CRedistillHot

/// A number of the hot path that may change while it runs; stands for `rd_setting`.
package struct HotSetting: Sendable {
    let code: rd_setting
    /// The key that the setting follows.
    package let key: KeyName
    private let read: @Sendable (Configuration) -> Int64

    /// The setting's value under a configuration, in the hot path's unit.
    package func value(in configuration: Configuration) -> Int64 { read(configuration) }

    /// Without `read`, what the key says: a number, or a flag as 0 or 1.
    private init(_ code: rd_setting, _ key: KeyName, read: (@Sendable (Configuration) -> Int64)? = nil) {
        self.code = code
        self.key = key
        self.read =
            read ?? { configuration in
                if case .flag(let flag) = configuration[key].value { flag ? 1 : 0 } else { configuration.integer(key) }
            }
    }

    /// From what on a command log keeps a command; -1 for never, which to the hot path means the default.
    private static func threshold(_ code: rd_setting, _ key: KeyName) -> HotSetting {
        HotSetting(code, key) { configuration in
            let value = configuration.integer(key)
            return value < 0 ? Int64.max : value
        }
    }

    /// Every setting.
    package static let all: [HotSetting] = [
        HotSetting(RD_SET_MAX_CONNECTIONS, .maxConnections),
        HotSetting(RD_SET_IDLE_TIMEOUT, .connectionTimeout),
        HotSetting(RD_SET_CONNECTION_RATE, .connectionRateLimit),
        HotSetting(RD_SET_CONNECTION_RATE_PER_ADDRESS, .connectionRateLimitPerAddress),
        HotSetting(RD_SET_TCP_NODELAY, .tcpNodelay),
        // The kernel counts in seconds; a fraction must not become "off".
        HotSetting(RD_SET_TCP_KEEPALIVE, .tcpKeepalive) { ($0.integer(.tcpKeepalive) + 999) / 1000 },
        HotSetting(RD_SET_MAX_MEMORY, .maxMemory),
        HotSetting(RD_SET_MAX_CLIENT_MEMORY, .maxClientMemory) { ClientMemory.bytes(in: $0) },
        HotSetting(RD_SET_EVICTION_SAMPLES, .evictionSampleSize),
        HotSetting(RD_SET_LFU_DECAY_TIME, .lfuDecayTime),
        HotSetting(RD_SET_EXPIRE_EFFORT, .expireEffort),
        HotSetting(RD_SET_HASH_ENTRIES, .hashMaxListpackEntries),
        HotSetting(RD_SET_HASH_VALUE, .hashMaxListpackValue),
        HotSetting(RD_SET_SET_INTEGERS, .setMaxIntsetEntries),
        HotSetting(RD_SET_SET_ENTRIES, .setMaxListpackEntries),
        HotSetting(RD_SET_SET_VALUE, .setMaxListpackValue),
        HotSetting(RD_SET_ZSET_ENTRIES, .zsetMaxListpackEntries),
        HotSetting(RD_SET_ZSET_VALUE, .zsetMaxListpackValue),
        // As in Redis, no number of elements is one, and a number is also bound to 8 KiB.
        HotSetting(RD_SET_LIST_ENTRIES, .listMaxListpackSize) { configuration in
            let size = configuration.integer(.listMaxListpackSize)
            return size < 0 ? 0 : max(size, 1)
        },
        HotSetting(RD_SET_LIST_BYTES, .listMaxListpackSize) { configuration in
            let size = configuration.integer(.listMaxListpackSize)
            return size < 0 ? 4096 << (-size - 1) : 8192
        },
        HotSetting(RD_SET_MAX_BULK_LENGTH, .maxBulkLength),
        HotSetting(RD_SET_QUERY_BUFFER_LIMIT, .queryBufferLimit),
        HotSetting(RD_SET_OUTPUT_LIMIT, .outputBufferLimit),
        HotSetting(RD_SET_OUTPUT_SOFT_LIMIT, .outputBufferSoftLimit),
        HotSetting(RD_SET_OUTPUT_SOFT_TIME, .outputBufferSoftTime),
        HotSetting(RD_SET_AUTH_REQUIRED, .password) { $0.secret(.password).isEmpty ? 0 : 1 },
        HotSetting(RD_SET_AUTH_TIMEOUT, .authTimeout),
        HotSetting(RD_SET_AUTH_FAILURE_DELAY, .authFailureDelay),
        HotSetting(RD_SET_PROTECTED_MODE, .protectedMode),
        HotSetting(RD_SET_DEBUG_COMMAND, .enableDebugCommand) { configuration in
            let words = ["no": RD_DEBUG_NO, "local": RD_DEBUG_LOCAL]
            return Int64(words[configuration.text(.enableDebugCommand), default: RD_DEBUG_YES].rawValue)
        },
        HotSetting(RD_SET_BATCH_SIZE, .batchSize),
        HotSetting(RD_SET_TLS_HANDSHAKE_TIMEOUT, .tlsHandshakeTimeout),
        HotSetting(RD_SET_TLS_HANDSHAKE_LIMIT, .tlsHandshakeLimit),
        HotSetting(RD_SET_TLS_USER, .tlsAuthClientsUser) { $0.text(.tlsAuthClientsUser) == "CN" ? 1 : 0 },
        threshold(RD_SET_SLOWLOG_SLOWER_THAN, .slowlogSlowerThan),
        HotSetting(RD_SET_SLOWLOG_MAX_LEN, .slowlogMaxLength),
        HotSetting(RD_SET_SLOWLOG_ENTRY_ARGS, .slowlogEntryArguments),
        HotSetting(RD_SET_SLOWLOG_ENTRY_BYTES, .slowlogEntryBytes),
        threshold(RD_SET_LARGE_REQUEST, .largeRequest),
        HotSetting(RD_SET_LARGE_REQUEST_MAX_LEN, .largeRequestMaxLength),
        threshold(RD_SET_LARGE_REPLY, .largeReply),
        HotSetting(RD_SET_LARGE_REPLY_MAX_LEN, .largeReplyMaxLength),
        HotSetting(RD_SET_LATENCY_THRESHOLD, .latencyThreshold),
        HotSetting(RD_SET_TELL_CONNECTIONS, .level) { ["trace", "debug"].contains($0.text(.level)) ? 1 : 0 },
        HotSetting(RD_SET_TELL_ADMIN_CALLS, .auditLogFile) { $0.text(.auditLogFile).isEmpty ? 0 : 1 },
        HotSetting(RD_SET_LATENCY_TRACKING, .latencyTracking),
        HotSetting(RD_SET_TRACKING_KEYS, .trackingTableMaxKeys),
        HotSetting(RD_SET_SCRIPT_TIME_LIMIT, .scriptTimeLimit),
        HotSetting(RD_SET_HTTP_CONNECTIONS, .healthMaxConnections),
    ]
}
