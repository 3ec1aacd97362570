extension ServerTarget {
    /// What `redis://[[user]:password@]host[:port][/database]` names, or with TLS `rediss://`, or a Unix socket
    /// `unix:///path`, as redis-cli and the clients read it
    /// (https://www.iana.org/assignments/uri-schemes/prov/redis).
    ///
    /// - Parameter tls: How TLS is spoken where the scheme says that it is.
    package init(url: String, tls options: TLSClientOptions) throws(ServerProblem) {
        guard let colon = url.firstRange(of: "://"), let scheme = Scheme(rawValue: String(url[..<colon.lowerBound])) else {
            throw Self.problem("give redis://HOST:PORT/DATABASE, rediss:// for TLS, or unix:///PATH")
        }
        let rest = url[colon.upperBound...]
        if scheme == .unix {
            self.init(place: .unix(path: try Self.decoded(rest)))
            return
        }
        let path = rest.firstIndex(of: "/") ?? rest.endIndex
        let at = rest[..<path].lastIndex(of: "@")
        let host = at.map { rest[rest.index(after: $0)..<path] } ?? rest[..<path]
        self.init(place: try Self.place(of: host))
        if let at { try setCredentials(rest[..<at]) }
        database = try Self.number(of: rest[path...].dropFirst())
        if scheme == .tls, case .tcp(let host, _) = place {
            var options = options
            if options.serverName == nil { options.serverName = host }
            self.tls = options
        }
    }

    private enum Scheme: String {
        case plain = "redis"
        case tls = "rediss"
        case unix
    }

    private mutating func setCredentials(_ text: Substring) throws(ServerProblem) {
        guard let colon = text.firstIndex(of: ":") else {
            // redis-cli takes a word alone as the password.
            password = Secret(try Self.decoded(text))
            return
        }
        let name = try Self.decoded(text[..<colon])
        user = name.isEmpty ? nil : name
        password = Secret(try Self.decoded(text[text.index(after: colon)...]))
    }

    private static func place(of text: Substring) throws(ServerProblem) -> ClientSocket.Place {
        // An IPv6 address stands in brackets.
        let hostEnd = text.hasPrefix("[") ? text.firstIndex(of: "]").map { text.index(after: $0) } : text.lastIndex(of: ":")
        let end = hostEnd ?? text.endIndex
        var host = text[..<end]
        if host.hasPrefix("[") { host = host.dropFirst().dropLast() }
        let port = text[end...].dropFirst()
        guard text[end...].isEmpty || text[end...].hasPrefix(":"), let number = port.isEmpty ? 6379 : UInt16(port), number > 0
        else { throw problem("its port is no number from 1 to 65535") }
        return .tcp(address: host.isEmpty ? "127.0.0.1" : String(host), port: number)
    }

    private static func number(of text: Substring) throws(ServerProblem) -> Int {
        let text = text.prefix { $0 != "?" }
        if text.isEmpty { return 0 }
        guard let number = UInt16(text) else { throw problem("its database is no number") }
        return Int(number)
    }

    /// With %xx as the byte of that number.
    private static func decoded(_ text: Substring) throws(ServerProblem) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
                throw problem("after a % two hexadecimal digits have to stand; write %25 for a % itself")
            }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The URL itself is not shown: it may hold a password.
    private static func problem(_ text: String) -> ServerProblem {
        ServerProblem("the URL can't be read: \(text)", isFinal: true, exitCode: 64)
    }
}
