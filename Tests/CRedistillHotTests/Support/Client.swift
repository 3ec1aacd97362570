import CHotProbe
import Testing

/// One connection of a test.
final class Client {
    let fd: Int32
    private var isOpen = true
    /// One wrong reply, and those after it tell nothing more.
    private var hasFailed = false

    init(fd: Int32) {
        self.fd = fd
    }

    deinit {
        close()
    }

    func close() {
        if isOpen { probe_close(fd) }
        isOpen = false
    }

    func reset() {
        if isOpen { probe_reset(fd) }
        isOpen = false
    }

    func endSending() { probe_end_sending(fd) }

    static let patience: Int32 = 20_000

    @discardableResult
    func send(_ request: [UInt8], patience: Int32 = patience) -> Bool {
        withSlice(request) { probe_send(fd, $0.bytes, $0.length, patience) }
    }

    /// What comes while everything is sent, up to `wanted` bytes.
    func exchange(_ request: [UInt8], wanted: Int, piece: Int = 0) -> (reply: [UInt8], closed: Bool) {
        var closed = false
        let reply = [UInt8](unsafeUninitializedCapacity: max(wanted, 1)) { buffer, count in
            let room = UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
            let came = withSlice(request) {
                probe_exchange(fd, $0.bytes, $0.length, piece, room, wanted, Self.patience, &closed)
            }
            if came > wanted { Issue.record("more replies came than were asked for") }
            count = min(came, wanted)
        }
        return (reply, closed)
    }

    /// Sends the request and takes what comes until it ends so.
    func exchange(_ request: [UInt8], wanted most: Int, until end: String) -> [UInt8] {
        send(request)
        var all: [UInt8] = [], byte = [CChar](repeating: 0, count: 1)
        while all.count < most && !all.suffix(end.utf8.count).elementsEqual(end.utf8) {
            guard probe_receive(fd, &byte, 1, Self.patience) == 1 else { break }
            all.append(UInt8(bitPattern: byte[0]))
        }
        return all
    }

    private func receive(_ count: Int) -> [UInt8]? {
        let (bytes, _) = exchange([], wanted: count)
        return bytes.count == count ? bytes : nil
    }

    private func receiveLine() -> [UInt8]? {
        var line: [UInt8] = [], piece = [CChar](repeating: 0, count: 1 << 14)
        while line.last != 10 {
            let count = probe_receive_line(fd, &piece, piece.count, Self.patience)
            if count <= 0 { return nil }
            piece.withUnsafeBytes { line += $0[..<count] }
        }
        return line
    }

    /// One whole reply, or message, with all that is in it; nil when the server closed instead, or was silent.
    func receiveReply() -> [UInt8]? {
        guard var reply = receiveLine() else { return nil }
        let number = Int(text(reply.dropFirst().dropLast(2))) ?? 0
        switch Character(UnicodeScalar(reply[0])) {
        case "$", "=":
            if number >= 0 {
                guard let body = receive(number + 2) else { return nil }
                reply += body
            }
        case "*", "~", ">", "%":
            for _ in 0..<max(number, 0) * (reply[0] == 0x25 ? 2 : 1) {
                guard let element = receiveReply() else { return nil }
                reply += element
            }
        default: break
        }
        return reply
    }

    /// Sends the request and expects exactly these bytes.
    func ask(_ request: [UInt8], piece: Int = 0, _ expected: [UInt8], location: SourceLocation = #_sourceLocation) {
        if hasFailed { return }
        let reply = exchange(request, wanted: expected.count, piece: piece).reply
        hasFailed = reply != expected
        if hasFailed {
            let same = zip(reply, expected).prefix { $0 == $1 }.count, shown = same..<min(same + 60, reply.count)
            Issue.record(
                "\(reply.count) bytes came for \(expected.count), different from \(same) on: \(text(Array(reply[shown])))",
                sourceLocation: location)
        }
    }

    func ask(_ request: [UInt8], _ expected: String, location: SourceLocation = #_sourceLocation) {
        ask(request, bytes(expected), location: location)
    }

    /// All that still comes until the server closes; nil when it does not.
    func receiveToTheEnd(most: Int = 1 << 30, pieces: Int = 1 << 16) -> [UInt8]? {
        var all: [UInt8] = [], piece = [CChar](repeating: 0, count: pieces)
        while all.count <= most {
            let count = probe_receive(fd, &piece, piece.count, Self.patience)
            if count < 0 { return nil }
            if count == 0 { return all }
            piece.withUnsafeBytes { all += $0[..<count] }
        }
        return nil
    }

    /// Sends the request and takes all that comes until the server closes.
    func askForTheEnd(_ request: [UInt8]) -> String? {
        let (reply, closed) = exchange(request, wanted: 1 << 16)
        return closed ? text(reply) : nil
    }
}

func bulk(_ value: [UInt8]) -> [UInt8] {
    bytes("$\(value.count)\r\n") + value + [13, 10]
}
