internal import Glibc

/// A connection that this process makes, for one question and one line of answer.
enum ClientSocket {
    enum Place: CustomStringConvertible {
        case tcp(address: String, port: UInt16)
        case unix(path: String)

        var description: String {
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
        switch place {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
                throw FileProblem("the path is too long for a socket")
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let length = socklen_t(MemoryLayout<sockaddr_un>.size)
            return try withUnsafePointer(to: &address) { pointer throws(FileProblem) in
                try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer throws(FileProblem) in
                    try connected(AF_UNIX, pointer, length, seconds: seconds)
                }
            }
        case .tcp(let host, let port):
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var found: UnsafeMutablePointer<addrinfo>?
            let status = getaddrinfo(host, String(port), &hints, &found)
            guard status == 0, let found else { throw FileProblem(String(cString: gai_strerror(status))) }
            defer { freeaddrinfo(found) }
            return try connected(
                found.pointee.ai_family, found.pointee.ai_addr, found.pointee.ai_addrlen, seconds: seconds)
        }
    }

    private static func connected(
        _ family: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t, seconds: Int
    ) throws(FileProblem) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw FileProblem(SystemError.text(errno)) }
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        // The time to send is the time to connect, too.
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
        guard connect(descriptor, address, length) == 0 else {
            let problem = errno == EINPROGRESS ? "no answer within \(seconds) seconds" : SystemError.text(errno)
            close(descriptor)
            throw FileProblem(problem)
        }
        return descriptor
    }
}
