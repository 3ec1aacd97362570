/// Keys that were set and do nothing, because another one is off.
enum IdleKeys {
    private struct Rule: Sendable {
        let keys: [KeyName]
        /// Why, to follow "has no effect: ".
        let reason: String
        let isIdle: @Sendable (Configuration) -> Bool
    }

    /// Each such key whose value is not the default.
    static func notes(_ configuration: Configuration) -> [(key: KeyName, message: String)] {
        var notes: [(KeyName, String)] = []
        for rule in rules where rule.isIdle(configuration) {
            for name in rule.keys where isSet(name, configuration) && !notes.contains(where: { $0.0 == name }) {
                notes.append((name, "has no effect: \(rule.reason)"))
            }
        }
        return notes
    }

    private static func isSet(_ name: KeyName, _ configuration: Configuration) -> Bool {
        configuration[name].origin.written != nil
            && configuration[name].value != ConfigurationTable.key(name).defaultValue
    }

    private static let rules: [Rule] = [
        Rule(
            keys: [.healthCheckBind, .healthMaxConnections, .healthMemoryThreshold, .healthToken, .healthTokenFile],
            reason: "health_check_port is 0, so there is no HTTP port"
        ) { $0.integer(.healthCheckPort) == 0 },
        Rule(
            keys: [
                .tlsCertPath, .tlsKeyPath, .tlsCACertPath, .tlsAuthClients, .tlsAuthClientsUser, .tlsMinVersion, .tlsCiphers,
                .tlsCiphersuites, .tlsGroups, .tlsHandshakeTimeout, .tlsHandshakeLimit,
            ],
            reason: "no port speaks TLS; set tls_port, or tls_enabled = true"
        ) { !$0.usesTLS },
        Rule(keys: [.tlsCACertPath, .tlsAuthClientsUser], reason: "tls_auth_clients is \"no\", so no client is asked for a certificate") {
            $0.text(.tlsAuthClients) == "no"
        },
        Rule(
            keys: [.evictionPolicy, .evictionSampleSize, .healthMemoryThreshold],
            reason: "without max_memory nothing is ever full"
        ) { $0.integer(.maxMemory) == 0 },
        Rule(keys: [.unixSocketMode], reason: "there is no unix_socket") { $0.text(.unixSocket).isEmpty },
        Rule(keys: [.bind, .proxyProtocol], reason: "port and tls_port are 0, so only unix_socket is listened on") {
            $0.integer(.port) == 0 && $0.integer(.tlsPort) == 0 && !$0.text(.unixSocket).isEmpty
        },
        Rule(keys: [.outputBufferSoftTime], reason: "output_buffer_soft_limit is 0") {
            $0.integer(.outputBufferSoftLimit) == 0
        },
        Rule(keys: [.tlsAuthClientsUser], reason: "there are no [[users]] for a certificate to name") {
            $0.users.accounts.isEmpty
        },
        Rule(keys: [.authTimeout], reason: "there is no password") { $0.secret(.password).isEmpty },
        Rule(keys: [.authFailureDelay], reason: "there is no password") {
            $0.secret(.password).isEmpty && $0.users.accounts.isEmpty
        },
        Rule(keys: [.scriptTimeLimit, .scriptMemoryLimit, .scriptCacheSize], reason: "scripting is off") {
            !$0.flag(.scripting)
        },
        Rule(keys: [.clusterSelf, .clusterTLSPort], reason: "there are no cluster_nodes") { !$0.isClustered },
        Rule(
            keys: [.snapshotPath, .snapshotInterval, .saveOnShutdown], reason: "persistence_enabled is false, so there are no snapshots"
        ) { !$0.flag(.persistenceEnabled) },
        Rule(keys: [.oomScoreAdjValues], reason: "oom_score_adj is \"no\"") { $0.text(.oomScoreAdj) == "no" },
    ]
}
