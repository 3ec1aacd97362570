internal import Glibc

/// How a wait for a descriptor ended.
enum WaitEnd {
    case ready
    /// The time was over.
    case late
    /// Whoever asked wants no answer any more.
    case left
}

/// A connection to a server: requests out, replies in. Of one thread, which nothing holds up but the wait it is given.
final class ServerConnection {
    /// Waits until a descriptor can be read, or written, or a time of the monotonic clock (microseconds) has come.
    typealias Wait = (_ descriptor: Int32, _ forWriting: Bool, _ deadline: Int64) -> WaitEnd

    private let descriptor: Int32
    private let stream: any ServerStream
    private let wait: Wait
    private var reader = RESPReader()
    private var chunk = [UInt8](repeating: 0, count: 64 << 10)

    /// A connection, a handshake and all requests sent together may take so long each.
    private static let patienceSeconds: Int64 = 5

    /// Connects, shakes hands, says the password.
    init(_ target: TopTarget, wait: @escaping Wait) throws(TopProblem) {
        let descriptor = try Self.connected(to: target.place, wait: wait)
        do throws(TopProblem) {
            let plain = PlainStream(descriptor: descriptor)
            if target.expectsProxy { try Self.send(Array("PROXY UNKNOWN\r\n".utf8), by: plain, descriptor, wait) }
            if let tls = target.tls {
                stream = try TLSStream(descriptor: descriptor, tls)
            } else {
                stream = plain
            }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.wait = wait
        let stream = stream
        _ = try Self.moving(on: descriptor, until: Self.deadline(), wait) { stream.open() }
        do throws(TopProblem) {
            try introduce(target)
        } catch {
            if error.isFinal || target.tls != nil { throw error }
            // A TLS port hangs up on who does not speak it.
            throw TopProblem("\(error); is it the right port, and does it want --tls?")
        }
    }

    deinit { close(descriptor) }

    /// Sends requests together, and waits for all replies.
    func ask(_ requests: [[ByteText]]) throws(TopProblem) -> [RESPValue] {
        try Self.send(requests.flatMap { RESPValue.request($0) }, by: stream, descriptor, wait)
        let end = Self.deadline()
        var replies: [RESPValue] = []
        while replies.count < requests.count {
            if let reply = try reader.next() { replies.append(reply) } else { try receive(until: end) }
        }
        return replies
    }

    private func introduce(_ target: TopTarget) throws(TopProblem) {
        if let password = target.password {
            let words = [target.user.map { ByteText($0) }, ByteText(password.bytes)].compactMap { $0 }
            if let problem = try ask([["AUTH"] + words])[0].problem {
                // A server without a password says so; then it needs none.
                guard problem.contains("without any password") else {
                    throw TopProblem("the server refuses the password: \(problem)", isFinal: true)
                }
            }
        }
        // For CLIENT LIST; a server that is too old for it goes without.
        let name = try ask([["CLIENT", "SETNAME", "redistilld-top"]])[0]
        // Redistill answers once in plain text before it hangs up.
        if let problem = name.problem, problem.contains("TLS") {
            throw TopProblem("\(problem): give --tls", isFinal: true)
        }
    }

    private func receive(until deadline: Int64) throws(TopProblem) {
        let count = try Self.moving(on: descriptor, until: deadline, wait) {
            chunk.withUnsafeMutableBytes { stream.receive(into: $0) }
        }
        reader.append(chunk[..<count])
    }

    private static func send(
        _ bytes: [UInt8], by stream: any ServerStream, _ descriptor: Int32, _ wait: Wait
    ) throws(TopProblem) {
        let end = deadline()
        var start = 0
        while start < bytes.count {
            start += try moving(on: descriptor, until: end, wait) {
                bytes.withUnsafeBytes { stream.send(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            }
        }
    }

    /// Tries until something has moved, and tells how many bytes.
    private static func moving(
        on descriptor: Int32, until deadline: Int64, _ wait: Wait, _ step: () -> StreamStep
    ) throws(TopProblem) -> Int {
        while true {
            switch step() {
            case .moved(let count): return count
            case .wantsToRead: try awaiting(descriptor, false, deadline, wait)
            case .wantsToWrite: try awaiting(descriptor, true, deadline, wait)
            case .ended: throw TopProblem("the server closed the connection")
            case .failed(let reason): throw TopProblem(reason)
            }
        }
    }

    private static func connected(to place: ClientSocket.Place, wait: Wait) throws(TopProblem) -> Int32 {
        var problem = TopProblem("no address")
        for address in try addresses(of: place) {
            do throws(TopProblem) {
                return try connected(to: address, wait: wait)
            } catch {
                if error == .left { throw error }
                problem = error
            }
        }
        throw problem
    }

    private static func addresses(of place: ClientSocket.Place) throws(TopProblem) -> [SocketAddress] {
        do throws(FileProblem) {
            return try SocketAddress.all(of: place)
        } catch {
            throw TopProblem(error.description)
        }
    }

    private static func connected(to address: SocketAddress, wait: Wait) throws(TopProblem) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw TopProblem(SystemError.text(errno)) }
        do throws(TopProblem) {
            if address.lend({ connect(descriptor, $0, $1) }) != 0 {
                guard errno == EINPROGRESS else { throw TopProblem(SystemError.text(errno)) }
                try awaiting(descriptor, true, deadline(), wait)
                var problem: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size)
                guard problem == 0 else { throw TopProblem(SystemError.text(problem)) }
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func awaiting(
        _ descriptor: Int32, _ forWriting: Bool, _ deadline: Int64, _ wait: Wait
    ) throws(TopProblem) {
        switch wait(descriptor, forWriting, deadline) {
        case .ready: return
        case .late: throw TopProblem("no answer within \(patienceSeconds) seconds")
        case .left: throw .left
        }
    }

    private static func deadline() -> Int64 { Clock.monotonicMicroseconds() + patienceSeconds * 1_000_000 }
}
