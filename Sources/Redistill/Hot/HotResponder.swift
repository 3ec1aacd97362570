/// What the hot path asks of the control plane; the Swift side of `rd_callbacks`.
///
/// Calls come from several threads at once and hold up the connections of the calling worker, so that no method may
/// wait for anything.
package protocol HotResponder: Sendable {
    /// Whether a password is right; `user` is "default" for AUTH with one argument.
    func authenticate(user: RawSpan, password: RawSpan) -> Bool
    /// The text of INFO for some sections; none named means the default ones.
    func info(sections: [String]) -> String
    /// CONFIG GET.
    func configGet(patterns: [String]) -> HotReply
    /// CONFIG SET; names and values in turn.
    func configSet(_ arguments: [ByteText]) -> HotReply
    /// CONFIG REWRITE.
    func configRewrite() -> HotReply
    /// SHUTDOWN: asks for the stop and returns; `now` waits for nothing.
    func shutdown(askedBy peer: String, now: Bool)
    /// An HTTP request, on the control thread.
    func http(_ request: HTTPRequest) -> HTTPAnswer
    /// Something worth a log line.
    func event(_ event: HotEvent)
}

/// A reply of the control plane to a command.
package enum HotReply: Sendable, Equatable {
    case ok
    /// With its code: "ERR ...". It may quote what the client sent.
    case failure(ByteText)
    case map([Pair])

    static func error(_ text: String) -> HotReply { .failure(ByteText(text)) }

    /// A name and its value.
    package struct Pair: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
}

/// Something that happened in the hot path; stands for `rd_event`.
package struct HotEvent: Sendable, Equatable {
    /// Stands for `rd_event_kind`.
    package enum Kind: Sendable, Equatable {
        case connectionRejected, authenticationFailed, attack, acceptPaused, acceptResumed, outputLimit, tlsFailed
        case workerFailed, tlsOnPlain, plainOnTLS, clientsEvicted, strangersClosed, proxyHeader, noProxyHeader
        /// A kind that this version does not know.
        case unknown(UInt32)
    }

    package let kind: Kind
    /// The client's address, or empty.
    package let peer: String
    package let detail: String
    package let count: UInt64

    package init(_ kind: Kind, peer: String = "", detail: String = "", count: UInt64 = 1) {
        self.kind = kind
        self.peer = peer
        self.detail = detail
        self.count = count
    }
}
