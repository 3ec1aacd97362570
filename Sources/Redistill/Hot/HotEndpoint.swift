/// One address that clients connect to; stands for `rd_endpoint`.
package struct HotEndpoint: Sendable, Equatable {
    /// An IP address, `*`, or the path of a Unix socket; a leading "-" makes an address optional, as in Redis.
    package let address: String
    /// 0 lets the system choose.
    package let port: UInt16
    package let tls: Bool
    package let isUnixSocket: Bool
    package let unixMode: UInt16
    /// Each connection begins with a PROXY protocol header.
    package let expectsProxy: Bool
    /// This machine need not have the address.
    package let isOptional: Bool

    package init(address: String, port: UInt16, tls: Bool, expectsProxy: Bool = false) {
        self.expectsProxy = expectsProxy
        isOptional = Self.isOptional(address)
        self.address = Self.bare(address)
        self.port = port
        self.tls = tls
        isUnixSocket = false
        unixMode = 0
    }

    /// Whether an item of `bind` may be missing on this machine.
    package static func isOptional(_ address: String) -> Bool { address.hasPrefix("-") }

    /// An item of `bind` as the system knows it: without "-", and `::` for `::*`, Redis's word for all of IPv6.
    package static func bare(_ address: String) -> String {
        let address = String(address.drop { $0 == "-" })
        return address == everyIPv6 ? "::" : address
    }

    private static let everyIPv6 = "::*"

    /// The addresses of `bind`. Beside all of IPv6, "*" is all of IPv4, since it would otherwise be both.
    private static func addresses(of configuration: Configuration) -> [String] {
        let list = configuration.list(.bind)
        guard list.contains(where: { bare($0) == "::" }) else { return list }
        return list.map { bare($0) == "*" ? (isOptional($0) ? "-" : "") + "0.0.0.0" : $0 }
    }

    package init(unixSocket path: String, mode: UInt16) {
        address = path
        port = 0
        tls = false
        isUnixSocket = true
        expectsProxy = false
        isOptional = false
        unixMode = mode
    }

    /// The endpoints of a configuration, the one that clients are told of first.
    package static func all(in configuration: Configuration) -> [HotEndpoint] {
        let port = UInt16(configuration.integer(.port))
        let tlsPort = UInt16(configuration.integer(.tlsPort))
        let socket = configuration.text(.unixSocket)
        let expectsProxy = configuration.flag(.proxyProtocol)
        let addresses = addresses(of: configuration)
        var endpoints: [HotEndpoint] = []
        // Port 0 turns TCP off, as in Redis, but only where something else is left to listen on.
        if port > 0 || (tlsPort == 0 && socket.isEmpty) {
            endpoints += addresses.map {
                HotEndpoint(address: $0, port: port, tls: configuration.flag(.tlsEnabled), expectsProxy: expectsProxy)
            }
        }
        if tlsPort > 0 {
            endpoints += addresses.map {
                HotEndpoint(address: $0, port: tlsPort, tls: true, expectsProxy: expectsProxy)
            }
        }
        if !socket.isEmpty {
            endpoints.append(HotEndpoint(unixSocket: socket, mode: UInt16(configuration.integer(.unixSocketMode))))
        }
        return endpoints
    }

    /// The addresses that are listened on, as messages name them.
    ///
    /// - Parameter port: The port that each endpoint is bound to.
    package static func descriptions(of configuration: Configuration, port: (Int) -> UInt16) -> [String] {
        all(in: configuration).enumerated().filter { $1.isListenedOn(port: port($0)) }.map { $1.description(port: port($0)) }
    }

    /// The values of INFO's `listener0` and so on, as Redis writes them: one for each kind with its addresses.
    package static func listeners(_ endpoints: [HotEndpoint], port: (Int) -> UInt16) -> [String] {
        var listeners: [(kind: String, binds: String, port: UInt16)] = []
        for (index, endpoint) in endpoints.enumerated() where endpoint.isListenedOn(port: port(index)) {
            let kind = endpoint.isUnixSocket ? "unix" : endpoint.tls ? "tls" : "tcp"
            let bind = ",bind=" + (endpoint.isOptional ? "-" : "") + endpoint.address
            // With port 0 the system has chosen a port, which may be another for each address.
            if let last = listeners.last, last.kind == kind, last.port == port(index) {
                listeners[listeners.count - 1].binds += bind
            } else {
                listeners.append((kind, bind, port(index)))
            }
        }
        return listeners.map { "name=\($0.kind)\($0.binds)" + ($0.kind == "unix" ? "" : ",port=\($0.port)") }
    }

    /// Whether the endpoint exists, which one that may be missing need not; known by the port that it is bound to.
    package func isListenedOn(port: UInt16) -> Bool { !isOptional || port > 0 }

    /// The endpoint as messages name it: `127.0.0.1:6379`, `[::1]:6379`, or the socket's path.
    package func description(port: UInt16) -> String {
        if isUnixSocket { return address }
        return (address.contains(":") ? "[\(address)]" : address) + ":\(port)" + (tls ? " (TLS)" : "")
    }
}
