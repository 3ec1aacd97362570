internal import Logging

/// The log lines of the hot path's events.
enum EventLog {
    static func write(_ event: HotEvent, to logger: Logger) {
        let line = line(for: event)
        guard line.level >= logger.logLevel else { return }
        logger.log(level: line.level, "\(line.message)", metadata: metadata(of: event))
    }

    private static func metadata(of event: HotEvent) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        if !event.peer.isEmpty { metadata["client"] = "\(event.peer)" }
        if !event.user.isEmpty { metadata["user"] = "\(event.user)" }
        switch event.kind {
        case .flushed, .adminCommand, .adminCall: metadata["command"] = "\(commandName(event.detail))"
        case .accessDenied:
            let words = event.detail.split(separator: " ")
            metadata["command"] = "\(commandName(words.first.map(String.init) ?? ""))"
            metadata["reason"] = "\(words.last ?? "")"
        default: if !event.detail.isEmpty { metadata["reason"] = "\(event.detail)" }
        }
        if event.count > 1 { metadata["count"] = .stringConvertible(event.count) }
        return metadata
    }

    /// What an audit is about, at a level at which it is written whatever the log's.
    static func writeToAudit(_ event: HotEvent, to logger: Logger) {
        switch event.kind {
        case .authenticationFailed, .accessDenied, .certificateUnknown, .loggedIn, .adminCall, .flushed:
            let line = line(for: event)
            logger.log(level: max(line.level, .info), "\(line.message)", metadata: metadata(of: event))
        default: break
        }
    }

    /// `CLIENT KILL` of "client|kill".
    private static func commandName(_ name: String) -> String {
        name.uppercased().split(separator: "|").joined(separator: " ")
    }

    private static func line(for event: HotEvent) -> (level: Logger.Level, message: String) {
        switch event.kind {
        case .connectionRejected: (.warning, "connections were refused")
        case .authenticationFailed: (.warning, "a client gave a wrong password")
        case .attack:
            (
                .warning,
                "possible attack: an HTTP request came on the port, perhaps from a browser that was tricked; closed"
            )
        case .acceptPaused: (.error, "no new connections are accepted for now")
        case .acceptResumed: (.notice, "new connections are accepted again")
        case .outputLimit: (.warning, "a client that does not read its replies was closed")
        case .tlsFailed: (.notice, "a TLS handshake failed")
        case .tlsNotBegun: (.debug, "a client left a TLS port without a byte, as a load balancer's probe does")
        case .tlsOnPlain: (.warning, "a client spoke TLS on a plain port; closed")
        case .plainOnTLS: (.warning, "a client did not speak TLS on a TLS port; closed")
        case .clientsEvicted: (.warning, "clients together held more than max_client_memory; the largest were closed")
        case .strangersClosed:
            (.warning, "clients that have not said the password held too much together; the largest were closed")
        case .proxyHeader: (.warning, "a PROXY protocol header came and proxy_protocol is off; closed")
        case .noProxyHeader: (.warning, "a client sent no PROXY protocol header and proxy_protocol is on; closed")
        case .connectionOpened: (.debug, "connections were opened")
        case .connectionClosed: (.debug, "connections were closed")
        case .flushed: (.notice, "keys were flushed")
        case .adminCommand: (.info, "a command that concerns others was called")
        case .accessDenied: (.warning, "a user was refused a command")
        case .certificateUnknown: (.warning, "a client's certificate names no user")
        case .loggedIn: (.debug, "a user logged in")
        case .adminCall: (.trace, "a command of administration was called")
        case .snapshotSaved: (.notice, "a snapshot was written")
        case .snapshotFailed: (.error, "a snapshot failed; the file of the one before is as it was")
        case .snapshotLoaded: (.notice, "the snapshot was loaded")
        case .snapshotLeftOut: (.warning, "keys of the snapshot were left out")
        case .snapshotDamaged: (.error, "the snapshot can't be loaded, so the cache starts empty")
        case .workerFailed: (.critical, "a worker can't go on")
        case .pinFailed: (.warning, "pin_workers has no effect: a worker can't be bound to a processor")
        case .unknown(let code): (.notice, "the hot path reports event \(code)")
        }
    }
}
