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
        /// Looking through what a crashed process has left, of which nothing is told meanwhile.
        case recovering
        case watchdog
        /// Its store of descriptors is to have no such one any more.
        case forget(name: String)

        /// What a stop takes besides the times that are configured, in microseconds.
        private static let stopMargin: Int64 = 5_000_000

        /// How soon the next such message comes at the latest.
        private static let busyMargin: Int64 = 30_000_000

        /// What recovering takes at most: some hundred million keys.
        private static let recoveryMargin: Int64 = 600_000_000

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
            case .recovering: "EXTEND_TIMEOUT_USEC=\(Self.recoveryMargin)\nSTATUS=looking for the keys of the process before"
            case .watchdog: "WATCHDOG=1"
            case .forget(let name): "FDSTOREREMOVE=1\nFDNAME=\(name)"
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
        _ = send(message.text, descriptor: nil)
    }

    /// Gives a descriptor to systemd's store, from which the next process of this service gets it, in place of any other
    /// of that name.
    ///
    /// - Returns: Whether systemd was told; whether it keeps it (`FileDescriptorStoreMax=`) it does not say.
    func store(_ descriptor: Int32, as name: String) -> Bool {
        send(.forget(name: name))
        // Memory has nothing to wait for, for which systemd would watch it.
        return send("FDSTORE=1\nFDPOLL=0\nFDNAME=\(name)", descriptor: descriptor)
    }

    private func send(_ message: String, descriptor passed: Int32?) -> Bool {
        guard let name = socket else { return false }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(name.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            field.copyBytes(from: path)
            // The abstract namespace is marked by a zero byte where "@" is written.
            if path[0] == UInt8(ascii: "@") { field[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        var text = Array(message.utf8)
        return withUnsafeMutablePointer(to: &address) { address in
            text.withUnsafeMutableBytes { text in
                var part = iovec(iov_base: text.baseAddress, iov_len: text.count)
                return withUnsafeMutablePointer(to: &part) { part in
                    var header = msghdr()
                    header.msg_name = UnsafeMutableRawPointer(address)
                    header.msg_namelen = length
                    header.msg_iov = part
                    header.msg_iovlen = 1
                    return Self.send(header, passing: passed, over: descriptor)
                }
            }
        }
    }

    /// The macros for what goes along with a message (cmsg(3)) are not there in Swift: its header is the length, the level
    /// and the kind, and the descriptor follows.
    private static func send(_ message: msghdr, passing passed: Int32?, over descriptor: Int32) -> Bool {
        var header = message
        guard let passed else { return sendmsg(descriptor, &header, Int32(MSG_NOSIGNAL)) >= 0 }
        let size = MemoryLayout<cmsghdr>.size + MemoryLayout<Int32>.size
        let space = (size + 7) & ~7
        let control = UnsafeMutableRawPointer.allocate(byteCount: space, alignment: 8)
        defer { control.deallocate() }
        memset(control, 0, space)
        let head = control.bindMemory(to: cmsghdr.self, capacity: 1)
        head.pointee.cmsg_len = size
        head.pointee.cmsg_level = SOL_SOCKET
        head.pointee.cmsg_type = Int32(SCM_RIGHTS)
        control.storeBytes(of: passed, toByteOffset: MemoryLayout<cmsghdr>.size, as: Int32.self)
        header.msg_control = control
        header.msg_controllen = space
        return sendmsg(descriptor, &header, Int32(MSG_NOSIGNAL)) >= 0
    }
}
