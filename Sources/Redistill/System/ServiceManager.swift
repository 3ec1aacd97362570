internal import Glibc

/// Tells systemd how the daemon is (`sd_notify`), when systemd asks to be told.
struct ServiceManager: Sendable {
    enum Message: Equatable {
        case ready(status: String)
        /// With the monotonic time in microseconds, as systemd wants it.
        case reloading(at: Int64)
        /// The old settings stay. systemd has no failed reload: what it can show is the status and the error.
        case notReloaded(at: String, problem: String)
        /// With the microseconds that a stop may take: more than the service's `TimeoutStopSec` counts, too.
        case stopping(within: Int64)
        /// Reading or writing a snapshot, which may take longer than a start or a stop may.
        case busy(status: String)
        case watchdog

        /// What a stop takes besides the times that are configured, in microseconds.
        private static let stopMargin: Int64 = 5_000_000

        /// How soon the next such message comes at the latest.
        private static let busyMargin: Int64 = 30_000_000

        /// The datagram's text.
        var text: String {
            switch self {
            case .ready(let status): "READY=1\nERRNO=0\nSTATUS=\(status)"
            case .notReloaded(let time, let problem):
                "READY=1\nERRNO=\(EINVAL)\nSTATUS=reload failed at \(time), the old settings stay: "
                    + problem.split(separator: "\n").joined(separator: "; ")
            case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)"
            case .stopping(let time): "STOPPING=1\nEXTEND_TIMEOUT_USEC=\(time + Self.stopMargin)"
            case .busy(let status): "EXTEND_TIMEOUT_USEC=\(Self.busyMargin)\nSTATUS=\(status)"
            case .watchdog: "WATCHDOG=1"
            }
        }
    }

    /// A path, or a name of the abstract namespace after an "@"; nil when nobody listens.
    let socket: String?
    /// How often to send ``Message/watchdog``, in microseconds; nil for never.
    let watchdogInterval: Int64?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    init(environment: [String: String], processID: Int32) {
        socket = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isOurs = environment["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
        // Half the time that systemd allows, as it recommends.
        watchdogInterval = isOurs ? environment["WATCHDOG_USEC"].flatMap(Int64.init).map { max($0 / 2, 1) } : nil
    }

    /// Sends a message; a manager that can't be reached is no reason to fail.
    func send(_ message: Message) {
        guard let name = socket else { return }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(name.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            field.copyBytes(from: path)
            // The abstract namespace is marked by a zero byte where "@" is written.
            if path[0] == UInt8(ascii: "@") { field[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let text = Array(message.text.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), pointer, length)
            }
        }
    }
}
