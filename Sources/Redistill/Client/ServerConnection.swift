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
    private var reader: RESPReader
    private var chunk = [UInt8](repeating: 0, count: 64 << 10)
    /// What the server has said without being asked, the oldest first; whoever wants it takes it.
    private var pushes: [[RESPValue]] = []
    private let patience: Patience

    /// For how long the server may neither say nor take anything that it is waited for to.
    struct Patience {
        let seconds: Int64

        /// For somebody who waits in front of a terminal.
        static let usual = Patience(seconds: 5)
        /// For large values.
        static let long = Patience(seconds: 60)

        var deadline: Int64 { Clock.monotonicMicroseconds() + seconds * 1_000_000 }
    }

    /// Connects, shakes hands, says the password, and its name for CLIENT LIST.
    init(
        _ target: ServerTarget, name: ByteText, limits: RESPReader.Limits = .usual, patience: Patience = .usual,
        wait: @escaping Wait
    ) throws(ServerProblem) {
        self.patience = patience
        reader = RESPReader(limits: limits)
        let descriptor = try Self.connected(to: target.place, .usual, wait)
        do throws(ServerProblem) {
            let plain = PlainStream(descriptor: descriptor)
            if target.expectsProxy { try Self.send(Array("PROXY UNKNOWN\r\n".utf8), by: plain, descriptor, patience, wait) }
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
        _ = try Self.moving(on: descriptor, until: .usual, wait) { stream.open() }
        do throws(ServerProblem) {
            try introduce(target, name)
        } catch {
            if error.isFinal || target.tls != nil { throw error }
            // A TLS port hangs up on who does not speak it.
            throw ServerProblem("\(error); is it the right port, and does it want --tls?")
        }
    }

    deinit { close(descriptor) }

    /// Sends requests together, and waits for all replies.
    func ask(_ requests: [[ByteText]]) throws(ServerProblem) -> [RESPValue] {
        var bytes: [UInt8] = []
        for words in requests { RESPValue.append(words, to: &bytes) }
        try Self.send(bytes, by: stream, descriptor, patience, wait)
        var replies: [RESPValue] = []
        replies.reserveCapacity(requests.count)
        while replies.count < requests.count {
            switch try reader.next() {
            case .push(let items): pushes.append(items)
            case .some(let reply): replies.append(reply)
            case nil: try receive()
            }
        }
        return replies
    }

    /// Takes what the server has said without being asked; reads what has come, and waits for nothing.
    func takePushes() throws(ServerProblem) -> [[RESPValue]] {
        while true {
            while let value = try reader.next() {
                // Nothing was asked, so that it can be nothing else.
                if case .push(let items) = value { pushes.append(items) }
            }
            let step = chunk.withUnsafeMutableBytes { stream.receive(into: $0) }
            switch step {
            case .moved(let count): reader.append(chunk[..<count])
            case .wantsToRead, .wantsToWrite:
                defer { pushes = [] }
                return pushes
            case .ended: throw Self.ended
            case .failed(let reason): throw ServerProblem(reason)
            }
        }
    }

    /// Waits until something has come that nobody asked for, or until a time of the monotonic clock, in microseconds.
    func awaitPush(until deadline: Int64) -> WaitEnd {
        pushes.isEmpty ? wait(descriptor, false, deadline) : .ready
    }

    private func introduce(_ target: ServerTarget, _ name: ByteText) throws(ServerProblem) {
        if let password = target.password {
            let words = [target.user.map { ByteText($0) }, ByteText(password.bytes)].compactMap { $0 }
            if let problem = try ask([["AUTH"] + words])[0].problem {
                // A server without a password says so; then it needs none.
                guard problem.contains("without any password") else {
                    throw ServerProblem("the server refuses the password: \(problem)", isFinal: true)
                }
            }
        }
        // For CLIENT LIST; a server that is too old for it goes without.
        let name = try ask([["CLIENT", "SETNAME", name]])[0]
        // Redistill answers once in plain text before it hangs up.
        if let problem = name.problem, problem.contains("TLS") {
            throw ServerProblem("\(problem): give --tls", isFinal: true)
        }
        if target.database != 0, let problem = try ask([["SELECT", ByteText(String(target.database))]])[0].problem {
            throw ServerProblem("database \(target.database): \(problem)", isFinal: true)
        }
    }

    private func receive() throws(ServerProblem) {
        let count = try Self.moving(on: descriptor, until: patience, wait) {
            chunk.withUnsafeMutableBytes { stream.receive(into: $0) }
        }
        reader.append(chunk[..<count])
    }

    private static func send(
        _ bytes: [UInt8], by stream: any ServerStream, _ descriptor: Int32, _ patience: Patience, _ wait: Wait
    ) throws(ServerProblem) {
        var start = 0
        while start < bytes.count {
            start += try moving(on: descriptor, until: patience, wait) {
                bytes.withUnsafeBytes { stream.send(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            }
        }
    }

    /// Tries until something has moved, and tells how many bytes.
    private static func moving(
        on descriptor: Int32, until patience: Patience, _ wait: Wait, _ step: () -> StreamStep
    ) throws(ServerProblem) -> Int {
        while true {
            switch step() {
            case .moved(let count): return count
            case .wantsToRead: try awaiting(descriptor, false, patience, wait)
            case .wantsToWrite: try awaiting(descriptor, true, patience, wait)
            case .ended: throw ended
            case .failed(let reason): throw ServerProblem(reason)
            }
        }
    }

    private static func connected(to place: ClientSocket.Place, _ patience: Patience, _ wait: Wait) throws(ServerProblem) -> Int32 {
        var problem = ServerProblem("no address")
        for address in try addresses(of: place) {
            do throws(ServerProblem) {
                return try connected(to: address, patience, wait)
            } catch {
                if error == .left { throw error }
                problem = error
            }
        }
        throw problem
    }

    private static func addresses(of place: ClientSocket.Place) throws(ServerProblem) -> [SocketAddress] {
        do throws(FileProblem) {
            return try SocketAddress.all(of: place)
        } catch {
            throw ServerProblem(error.description)
        }
    }

    private static func connected(
        to address: SocketAddress, _ patience: Patience, _ wait: Wait
    ) throws(ServerProblem) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw ServerProblem(SystemError.text(errno)) }
        do throws(ServerProblem) {
            if address.lend({ connect(descriptor, $0, $1) }) != 0 {
                guard errno == EINPROGRESS else { throw ServerProblem(SystemError.text(errno)) }
                try awaiting(descriptor, true, patience, wait)
                var problem: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size)
                guard problem == 0 else { throw ServerProblem(SystemError.text(problem)) }
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func awaiting(
        _ descriptor: Int32, _ forWriting: Bool, _ patience: Patience, _ wait: Wait
    ) throws(ServerProblem) {
        switch wait(descriptor, forWriting, patience.deadline) {
        case .ready: return
        case .late: throw ServerProblem("no answer within \(patience.seconds) seconds")
        case .left: throw .left
        }
    }

    private static let ended = ServerProblem("the server closed the connection")
}
