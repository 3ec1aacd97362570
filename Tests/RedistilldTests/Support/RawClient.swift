import Glibc

/// A loopback connection whose bytes are the test's own business. Every wait ends after ``ChildProcess/patience``.
final class RawClient: @unchecked Sendable {
    // Unchecked: a test may send in one thread and receive in another, which a socket allows; `buffer` belongs to the
    // receiving one.
    private let descriptor: Int32
    /// Kept alive as long as somebody talks to it.
    private let server: AnyObject?
    private var buffer: [UInt8] = []
    private var used = 0

    init(port: UInt16, of server: AnyObject? = nil) throws {
        self.server = server
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure("socket: errno \(errno)") }
        var patience = timeval(tv_sec: Int(ChildProcess.patience), tv_usec: 0)
        var on: Int32 = 1
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in.loopback(port: port)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let code = errno
            close(descriptor)
            throw TestFailure("connect to port \(port): errno \(code)")
        }
    }

    deinit { close(descriptor) }

    /// Sends everything, or throws when the peer is gone.
    func send(_ bytes: some Sequence<UInt8>) throws {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestFailure("send: errno \(errno)") }
            sent += count
        }
    }

    func send(_ text: String) throws { try send(text.utf8) }

    /// Ends this direction; the other stays open.
    func halfClose() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Sends one command and returns the bytes of its reply.
    func ask(_ words: String...) throws -> String { try ask(words) }

    func ask(_ words: [String]) throws -> String {
        try send(request(words))
        return try readReply()
    }

    /// The bytes of one whole reply, as text (each byte one scalar where it is not UTF-8).
    func readReply() throws -> String { text(try readReplyBytes()) }

    func readReplyBytes() throws -> [UInt8] {
        if used > 1 << 20 {
            buffer.removeFirst(used)
            used = 0
        }
        let start = used
        try skipReply()
        let reply = Array(buffer[start..<used])
        if used == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            used = 0
        }
        return reply
    }

    /// One line, without its end.
    func readLineOnly() throws -> String { text(try readLine()) }

    /// What is left of a bulk string whose first line has been read.
    func readBody(_ length: Int) throws -> String {
        let start = used
        try need(length + 2)
        return text(buffer[start..<used])
    }

    /// Everything up to the end of the connection; a reset counts as an end.
    func readToEnd() throws -> String {
        while try fill() {}
        defer { used = buffer.count }
        return text(Array(buffer[used...]))
    }

    /// Whether the peer has closed; waits for it.
    func isClosed() throws -> Bool { try readToEnd().isEmpty }

    private func skipReply() throws {
        let line = try readLine()
        guard let type = line.first else { throw TestFailure("an empty line instead of a reply") }
        let number = Int(text(line.dropFirst())) ?? 0
        switch Character(Unicode.Scalar(type)) {
        case "+", "-", ":", "_", ",", "#", "(": break
        case "$", "=", "!": if number >= 0 { try need(number + 2) }
        case "*", "~", ">": for _ in 0..<max(number, 0) { try skipReply() }
        case "%": for _ in 0..<2 * max(number, 0) { try skipReply() }
        default: throw TestFailure("not a reply: \(text(line))")
        }
    }

    private func readLine() throws -> [UInt8] {
        var at = used
        while true {
            let found = buffer.withUnsafeBytes { bytes -> Int? in
                guard at < bytes.count, let start = bytes.baseAddress,
                    let place = memchr(start + at, 10, bytes.count - at)
                else { return nil }
                return UnsafeRawPointer(place) - start
            }
            if let end = found {
                // A copy: a slice that lives on would make every later append copy the whole buffer.
                let line = Array(buffer[used..<end - 1])
                used = end + 1
                return line
            }
            at = buffer.count
            guard try fill() else { throw TestFailure("the connection ended instead of a reply") }
        }
    }

    private func need(_ count: Int) throws {
        while buffer.count - used < count {
            guard try fill() else { throw TestFailure("the connection ended within a reply") }
        }
        used += count
    }

    /// Receives more; false at the end of the connection.
    private func fill() throws -> Bool {
        let count = withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { room in
            let count = recv(descriptor, room.baseAddress, room.count, 0)
            if count > 0 { buffer += room[..<count] }
            return count
        }
        if count > 0 { return true }
        if count == 0 || errno == ECONNRESET { return false }
        throw TestFailure("nothing came for \(ChildProcess.patience) seconds, errno \(errno)")
    }
}

/// A command as a multibulk request.
func request(_ words: [String]) -> [UInt8] { request(words.map { Array($0.utf8) }) }

func request(_ words: [[UInt8]]) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words { bytes += Array("$\(word.count)\r\n".utf8) + word + [13, 10] }
    return bytes
}

/// `SET k ""` as its three words; quotes stand for an empty word only.
func words(_ line: String) -> [String] {
    line.split(separator: " ").map { $0 == "\"\"" ? "" : String($0) }
}

/// Letters of which no two stretches are alike for long, so that a misplaced part shows.
func pattern(_ size: Int) -> [UInt8] {
    let block = (0..<9973).map { UInt8(97 + ($0 * $0 >> 3) % 26) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + block.count)
    while bytes.count < size { bytes += block }
    bytes.removeLast(bytes.count - size)
    return bytes
}

/// A bulk string as a reply.
func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

/// Bytes as text for messages and comparisons, whatever they are.
func text(_ bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
}

/// A port that nobody listens on, for what can't be told to choose one itself.
func freePort() throws -> UInt16 {
    try withBoundSocket { $0 }
}

/// Runs `body` while something else listens on the port that it gets.
func withBoundSocket<Result>(_ body: (UInt16) throws -> Result) throws -> Result {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in.loopback(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0 ? getsockname(descriptor, $0, &size) : -1
        }
    }
    guard status == 0 else { throw TestFailure("no free port: errno \(errno)") }
    return try body(UInt16(bigEndian: address.sin_port))
}

extension sockaddr_in {
    static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
