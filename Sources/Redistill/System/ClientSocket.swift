internal import Glibc

/// A connection that this process makes, for one question and one line of answer.
package enum ClientSocket {
    package enum Place: Sendable, Equatable, CustomStringConvertible {
        case tcp(address: String, port: UInt16)
        case unix(path: String)

        package var description: String {
            switch self {
            case .tcp(let address, let port): address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
            case .unix(let path): path
            }
        }
    }

    /// Sends a text and reads up to the first line end, or the end. Waits so many seconds in each step.
    static func firstLine(of place: Place, after text: String, seconds: Int) throws(FileProblem) -> String {
        let descriptor = try connected(to: place, seconds: seconds)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw FileProblem(SystemError.text(errno))
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 512)
        while !answer.contains(UInt8(ascii: "\n")), answer.count < 4096 {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { throw FileProblem("no answer within \(seconds) seconds") }
            guard count >= 0 else { throw FileProblem(SystemError.text(errno)) }
            guard count > 0 else { break }
            answer += chunk[..<count]
        }
        let line = answer.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self)
    }

    private static func connected(to place: Place, seconds: Int) throws(FileProblem) -> Int32 {
        // Places that the daemon listens on are addresses, which have one form.
        let address = try SocketAddress.all(of: place)[0]
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw FileProblem(SystemError.text(errno)) }
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        // The time to send is the time to connect, too.
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
        guard address.lend({ connect(descriptor, $0, $1) }) == 0 else {
            let problem = errno == EINPROGRESS ? "no answer within \(seconds) seconds" : SystemError.text(errno)
            close(descriptor)
            throw FileProblem(problem)
        }
        return descriptor
    }
}
