/// Something that happened in the hot path; stands for `rd_event`.
package struct HotEvent: Sendable, Equatable {
    /// Stands for `rd_event_kind`.
    package enum Kind: Sendable, Equatable {
        case connectionRejected, authenticationFailed, attack, acceptPaused, acceptResumed, outputLimit, tlsFailed
        case workerFailed, pinFailed, tlsOnPlain, plainOnTLS, clientsEvicted, strangersClosed, proxyHeader, noProxyHeader
        case tlsNotBegun, connectionOpened, connectionClosed, flushed, adminCommand
        case accessDenied, certificateUnknown, loggedIn, adminCall
        case snapshotSaved, snapshotFailed, snapshotLoaded, snapshotLeftOut, snapshotDamaged
        /// A kind that this version does not know.
        case unknown(UInt32)
    }

    package let kind: Kind
    /// The client's address, or empty.
    package let peer: String
    package let detail: String
    /// Of `[[users]]`; empty for default.
    package let user: String
    package let count: UInt64

    package init(_ kind: Kind, peer: String = "", detail: String = "", user: String = "", count: UInt64 = 1) {
        self.kind = kind
        self.peer = peer
        self.detail = detail
        self.user = user
        self.count = count
    }
}
