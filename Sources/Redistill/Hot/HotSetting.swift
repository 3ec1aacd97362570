internal import CRedistillHot

/// A number of the hot path that may change while it runs; stands for `rd_setting`.
package enum HotSetting: CaseIterable, Sendable {
    case maxConnections, idleTimeout, connectionRate, tcpNodelay, tcpKeepalive, maxMemory, evictionSamples
    case maxBulkLength, queryBufferLimit, outputLimit, outputSoftLimit, outputSoftTime
    case authRequired, authTimeout, protectedMode, batchSize, expireEffort, tlsHandshakeTimeout
    case slowlogSlowerThan, slowlogMaxLength, latencyThreshold, connectionRatePerAddress, tlsHandshakeLimit
    case authFailureDelay, debugCommand, latencyTracking, lfuDecayTime, maxClientMemory, trackingKeys, httpConnections

    var code: rd_setting {
        switch self {
        case .maxConnections: RD_SET_MAX_CONNECTIONS
        case .idleTimeout: RD_SET_IDLE_TIMEOUT
        case .connectionRate: RD_SET_CONNECTION_RATE
        case .tcpNodelay: RD_SET_TCP_NODELAY
        case .tcpKeepalive: RD_SET_TCP_KEEPALIVE
        case .maxMemory: RD_SET_MAX_MEMORY
        case .evictionSamples: RD_SET_EVICTION_SAMPLES
        case .maxBulkLength: RD_SET_MAX_BULK_LENGTH
        case .queryBufferLimit: RD_SET_QUERY_BUFFER_LIMIT
        case .outputLimit: RD_SET_OUTPUT_LIMIT
        case .outputSoftLimit: RD_SET_OUTPUT_SOFT_LIMIT
        case .outputSoftTime: RD_SET_OUTPUT_SOFT_TIME
        case .authRequired: RD_SET_AUTH_REQUIRED
        case .authTimeout: RD_SET_AUTH_TIMEOUT
        case .protectedMode: RD_SET_PROTECTED_MODE
        case .batchSize: RD_SET_BATCH_SIZE
        case .expireEffort: RD_SET_EXPIRE_EFFORT
        case .tlsHandshakeTimeout: RD_SET_TLS_HANDSHAKE_TIMEOUT
        case .slowlogSlowerThan: RD_SET_SLOWLOG_SLOWER_THAN
        case .slowlogMaxLength: RD_SET_SLOWLOG_MAX_LEN
        case .latencyThreshold: RD_SET_LATENCY_THRESHOLD
        case .connectionRatePerAddress: RD_SET_CONNECTION_RATE_PER_ADDRESS
        case .tlsHandshakeLimit: RD_SET_TLS_HANDSHAKE_LIMIT
        case .authFailureDelay: RD_SET_AUTH_FAILURE_DELAY
        case .debugCommand: RD_SET_DEBUG_COMMAND
        case .latencyTracking: RD_SET_LATENCY_TRACKING
        case .lfuDecayTime: RD_SET_LFU_DECAY_TIME
        case .maxClientMemory: RD_SET_MAX_CLIENT_MEMORY
        case .trackingKeys: RD_SET_TRACKING_KEYS
        case .httpConnections: RD_SET_HTTP_CONNECTIONS
        }
    }

    /// The key that the setting follows.
    package var key: KeyName {
        switch self {
        case .maxConnections: .maxConnections
        case .idleTimeout: .connectionTimeout
        case .connectionRate: .connectionRateLimit
        case .tcpNodelay: .tcpNodelay
        case .tcpKeepalive: .tcpKeepalive
        case .maxMemory: .maxMemory
        case .evictionSamples: .evictionSampleSize
        case .maxBulkLength: .maxBulkLength
        case .queryBufferLimit: .queryBufferLimit
        case .outputLimit: .outputBufferLimit
        case .outputSoftLimit: .outputBufferSoftLimit
        case .outputSoftTime: .outputBufferSoftTime
        case .authRequired: .password
        case .authTimeout: .authTimeout
        case .protectedMode: .protectedMode
        case .batchSize: .batchSize
        case .expireEffort: .expireEffort
        case .tlsHandshakeTimeout: .tlsHandshakeTimeout
        case .slowlogSlowerThan: .slowlogSlowerThan
        case .slowlogMaxLength: .slowlogMaxLength
        case .latencyThreshold: .latencyThreshold
        case .connectionRatePerAddress: .connectionRateLimitPerAddress
        case .tlsHandshakeLimit: .tlsHandshakeLimit
        case .authFailureDelay: .authFailureDelay
        case .debugCommand: .enableDebugCommand
        case .latencyTracking: .latencyTracking
        case .lfuDecayTime: .lfuDecayTime
        case .maxClientMemory: .maxClientMemory
        case .trackingKeys: .trackingTableMaxKeys
        case .httpConnections: .healthMaxConnections
        }
    }

    /// The setting's value under a configuration, in the hot path's unit.
    package func value(in configuration: Configuration) -> Int64 {
        switch self {
        case .maxConnections: configuration.integer(.maxConnections)
        case .idleTimeout: configuration.integer(.connectionTimeout)
        case .connectionRate: configuration.integer(.connectionRateLimit)
        case .tcpNodelay: configuration.flag(.tcpNodelay) ? 1 : 0
        // The kernel counts in seconds; a fraction must not become "off".
        case .tcpKeepalive: (configuration.integer(.tcpKeepalive) + 999) / 1000
        case .maxMemory: configuration.integer(.maxMemory)
        case .evictionSamples: configuration.integer(.evictionSampleSize)
        case .maxBulkLength: configuration.integer(.maxBulkLength)
        case .queryBufferLimit: configuration.integer(.queryBufferLimit)
        case .outputLimit: configuration.integer(.outputBufferLimit)
        case .outputSoftLimit: configuration.integer(.outputBufferSoftLimit)
        case .outputSoftTime: configuration.integer(.outputBufferSoftTime)
        case .authRequired: configuration.secret(.password).isEmpty ? 0 : 1
        case .authTimeout: configuration.integer(.authTimeout)
        case .protectedMode: configuration.flag(.protectedMode) ? 1 : 0
        case .batchSize: configuration.integer(.batchSize)
        case .expireEffort: configuration.integer(.expireEffort)
        case .tlsHandshakeTimeout: configuration.integer(.tlsHandshakeTimeout)
        // To the hot path -1 means the default.
        case .slowlogSlowerThan:
            configuration.integer(.slowlogSlowerThan) < 0 ? Int64.max : configuration.integer(.slowlogSlowerThan)
        case .slowlogMaxLength: configuration.integer(.slowlogMaxLength)
        case .latencyThreshold: configuration.integer(.latencyThreshold)
        case .connectionRatePerAddress: configuration.integer(.connectionRateLimitPerAddress)
        case .tlsHandshakeLimit: configuration.integer(.tlsHandshakeLimit)
        case .authFailureDelay: configuration.integer(.authFailureDelay)
        case .latencyTracking: configuration.flag(.latencyTracking) ? 1 : 0
        case .lfuDecayTime: configuration.integer(.lfuDecayTime)
        case .maxClientMemory: ClientMemory.bytes(in: configuration)
        case .trackingKeys: configuration.integer(.trackingTableMaxKeys)
        case .httpConnections: configuration.integer(.healthMaxConnections)
        case .debugCommand:
            Int64(["no": RD_DEBUG_NO, "local": RD_DEBUG_LOCAL][configuration.text(.enableDebugCommand), default: RD_DEBUG_YES].rawValue)
        }
    }
}
