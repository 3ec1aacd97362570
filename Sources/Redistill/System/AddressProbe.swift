internal import Glibc

/// Asks this machine whether it has an address, without listening on it.
enum AddressProbe {
    /// The system's words for why an address can't be listened on here, or nil when it can. Ports are not looked at: a
    /// running daemon has them.
    static func problem(with address: String) -> String? {
        guard address != "*" else { return nil }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(address, "0", &hints, &found)
        guard result == 0, let first = found?.pointee else { return String(cString: gai_strerror(result)) }
        defer { freeaddrinfo(found) }
        let descriptor = socket(first.ai_family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return SystemError.text(errno) }
        defer { close(descriptor) }
        return bind(descriptor, first.ai_addr, first.ai_addrlen) == 0 ? nil : SystemError.text(errno)
    }
}
