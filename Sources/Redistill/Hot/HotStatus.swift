internal import CRedistillHot

/// Why the hot path refused a call: a sentence for a person. The one place that turns `rd_status` into an error.
package struct HotError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    package let status: HotStatus
    /// The system's error number behind it, or 0.
    package let systemError: Int32

    package init(_ status: HotStatus, _ description: String, systemError: Int32 = 0) {
        self.status = status
        self.description = description
        self.systemError = systemError
    }

    /// The server is gone already.
    package static let stopped = HotError(.state, "the server has been stopped")

    /// Turns the result of a call and its `rd_error` into an error, unless it is `RD_OK`.
    static func check(_ status: rd_status, _ error: rd_error) throws(HotError) {
        guard let failure = HotStatus(status) else { return }
        let message = withUnsafeBytes(of: error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        throw HotError(failure, message.isEmpty ? failure.sentence : message, systemError: error.os_error)
    }

    /// Turns the result of a call that gives no `rd_error` into an error, unless it is `RD_OK`.
    static func check(_ status: rd_status) throws(HotError) {
        guard let failure = HotStatus(status) else { return }
        throw HotError(failure, failure.sentence)
    }
}

/// The failures among `rd_status`.
package enum HotStatus: Sendable, Equatable {
    case noMemory, invalid, address, bind, system, thread, state, timeout, limit
    /// A status that this version does not know.
    case unknown(UInt32)

    init?(_ status: rd_status) {
        switch status {
        case RD_OK: return nil
        case RD_ERR_NO_MEMORY: self = .noMemory
        case RD_ERR_INVALID: self = .invalid
        case RD_ERR_ADDRESS: self = .address
        case RD_ERR_BIND: self = .bind
        case RD_ERR_SYSTEM: self = .system
        case RD_ERR_THREAD: self = .thread
        case RD_ERR_STATE: self = .state
        case RD_ERR_TIMEOUT: self = .timeout
        case RD_ERR_LIMIT: self = .limit
        default: self = .unknown(status.rawValue)
        }
    }

    /// The failure in words, for calls that give none of their own.
    var sentence: String {
        switch self {
        case .noMemory: "there is not enough memory"
        case .invalid: "a value is outside its range"
        case .address: "an address can't be understood"
        case .bind: "an address can't be listened on"
        case .system: "a system call failed"
        case .thread: "a thread could not be started"
        case .state: "the server is not in a state for this"
        case .timeout: "the deadline passed first"
        case .limit: "a limit refuses it"
        case .unknown(let code): "the hot path reports failure \(code)"
        }
    }
}
