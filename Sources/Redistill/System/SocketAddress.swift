internal import Glibc

/// An address in the form that the system's calls take.
struct SocketAddress: Sendable {
    /// AF_INET, AF_INET6 or AF_UNIX.
    let family: Int32
    private let bytes: [UInt8]

    /// All addresses of a place, the first to try in front. A name is asked of the resolver, which may take its time.
    static func all(of place: ClientSocket.Place) throws(FileProblem) -> [SocketAddress] {
        switch place {
        case .unix(let path): [try unix(path)]
        case .tcp(let host, let port): try resolved(host, port)
        }
    }

    /// Lends the address to a call such as connect(2).
    func lend<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("an address has bytes") }
            return body(start.assumingMemoryBound(to: sockaddr.self), socklen_t(buffer.count))
        }
    }

    private static func unix(_ path: String) throws(FileProblem) -> SocketAddress {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw FileProblem("the path is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return SocketAddress(family: AF_UNIX, bytes: withUnsafeBytes(of: address) { Array($0) })
    }

    private static func resolved(_ host: String, _ port: UInt16) throws(FileProblem) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, found != nil else { throw FileProblem(String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(found) }
        var addresses: [SocketAddress] = []
        var next = found
        while let entry = next?.pointee {
            let bytes = UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))
            addresses.append(SocketAddress(family: entry.ai_family, bytes: Array(bytes)))
            next = entry.ai_next
        }
        return addresses
    }
}
