internal import Glibc

/// What came of one try to move bytes.
enum StreamStep {
    case moved(Int)
    /// Try again when the descriptor can be read.
    case wantsToRead
    /// Try again when the descriptor can be written.
    case wantsToWrite
    /// The peer has closed.
    case ended
    case failed(String)
}

/// Bytes to and from a server over a descriptor that does not block. Of one thread.
protocol ServerStream {
    /// What has to be said before the first byte; called until it has moved something, 0 bytes perhaps.
    func open() -> StreamStep
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> StreamStep
    func send(_ bytes: UnsafeRawBufferPointer) -> StreamStep
}

/// TCP or a Unix socket as it is. The descriptor is borrowed.
struct PlainStream: ServerStream {
    let descriptor: Int32

    func open() -> StreamStep { .moved(0) }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> StreamStep {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        return count == 0 ? .ended : step(count, orWait: .wantsToRead)
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> StreamStep {
        step(Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)), orWait: .wantsToWrite)
    }

    private func step(_ count: Int, orWait wait: StreamStep) -> StreamStep {
        if count >= 0 { return .moved(count) }
        return errno == EAGAIN || errno == EINTR ? wait : .failed(SystemError.text(errno))
    }
}
