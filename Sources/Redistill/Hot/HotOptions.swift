internal import CRedistillHot

/// Makes the plain options struct of the hot path from a configuration.
enum HotOptions {
    /// Lends `rd_options` for the length of a call; `rd_server_create` copies what it keeps.
    static func withOptions<Result>(
        of configuration: Configuration, crash: CrashReport, inheritance: Inheritance, _ body: (UnsafePointer<rd_options>) -> Result
    ) -> Result {
        let endpoints = HotEndpoint.all(in: configuration)
        return withStrings(endpoints.map(\.address)) { addresses in
            let list = zip(endpoints, addresses).map { endpoint, address in
                rd_endpoint(
                    address: address, port: endpoint.port, tls: endpoint.tls, unix_socket: endpoint.isUnixSocket,
                    inherited: inheritance.listeners[endpoint.inheritanceKey] ?? 0, optional: endpoint.isOptional,
                    proxy_protocol: endpoint.expectsProxy, unix_mode: endpoint.unixMode)
            }
            return list.withUnsafeBufferPointer { list in
                configuration.httpAddress.withCString { httpAddress in
                    configuration.text(.evictionPolicy).withCString { policy in
                        var options = options(of: configuration)
                        options.endpoints = list.baseAddress
                        options.endpoint_count = list.count
                        options.http_address = options.http_enabled ? httpAddress : nil
                        options.eviction_policy = policy
                        options.crash = crash.pointer
                        options.keeping = keeping(of: configuration)
                        options.recovery_memory = inheritance.roomToRecover
                        options.parked_store = inheritance.store ?? 0
                        return withSnapshotPath(of: configuration) { path in
                            options.snapshot_path = path
                            return body(&options)
                        }
                    }
                }
            }
        }
    }

    private static func keeping(of configuration: Configuration) -> rd_keeping {
        switch configuration.keeping {
        case .nothing: RD_KEEP_NOTHING
        case .restarts: RD_KEEP_RESTARTS
        case .afterCrash: RD_KEEP_AFTER_CRASH
        }
    }

    /// Lends the path of snapshots, or nil where there are none.
    private static func withSnapshotPath<Result>(
        of configuration: Configuration, _ body: (UnsafePointer<CChar>?) -> Result
    ) -> Result {
        guard configuration.flag(.persistenceEnabled) else { return body(nil) }
        return configuration.text(.snapshotPath).withCString(body)
    }

    private static func options(of configuration: Configuration) -> rd_options {
        var options = rd_options()
        options.workers = UInt32(configuration.workers)
        options.num_shards = UInt32(configuration.integer(.numShards))
        // As in Redis, where there is a cluster.
        options.databases = configuration.isClustered ? 1 : UInt32(configuration.integer(.databases))
        withUnsafeMutableBytes(of: &options.database_shares) { shares in
            for (database, percent) in DatabaseShares(in: configuration).percents { shares[database] = percent }
        }
        options.read_buffer_size = UInt32(configuration.integer(.bufferSize))
        options.listen_backlog = UInt32(configuration.integer(.listenBacklog))
        options.http_port = UInt16(configuration.integer(.healthCheckPort))
        options.http_enabled = options.http_port > 0
        options.pin_workers = configuration.flag(.pinWorkers)
        options.owns_process = true
        withUnsafeMutableBytes(of: &options.settings) { bytes in
            let settings = bytes.assumingMemoryBound(to: Int64.self)
            // Settings that this version does not know keep their default.
            for index in settings.indices { settings[index] = -1 }
            for setting in HotSetting.all {
                settings[Int(setting.code.rawValue)] = setting.value(in: configuration)
            }
        }
        return options
    }

    /// Lends several texts as C strings at once.
    private static func withStrings<Result>(_ texts: [String], _ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
        func lend(_ rest: ArraySlice<String>, _ lent: [UnsafePointer<CChar>?]) -> Result {
            guard let text = rest.first else { return body(lent) }
            return text.withCString { lend(rest.dropFirst(), lent + [$0]) }
        }
        return lend(texts[...], [])
    }
}

extension Configuration {
    /// As many threads as serve clients: what is set, or one for each processor that this process may keep busy.
    package var workers: Int {
        let wanted = Int(integer(.workers))
        return wanted > 0 ? wanted : Processors.usable(allowed: Processors.allowed(), files: .real)
    }

    /// The address of the HTTP listener.
    package var httpAddress: String {
        let address = text(.healthCheckBind)
        guard address.isEmpty else { return HotEndpoint.bare(address) }
        let listensOnTCP = HotEndpoint.all(in: self).contains { !$0.isUnixSocket }
        return listensOnTCP ? list(.bind).first.map(HotEndpoint.bare) ?? "127.0.0.1" : "127.0.0.1"
    }
}
