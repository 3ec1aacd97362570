import CHotProbe
import Testing

/// One TLS connection of a test.
final class TLSClient {
    let client: Client
    private let handle: OpaquePointer

    /// - Parameter version: 0x0303, 0x0304, or 0 for the newest.
    /// - Parameter first: Is sent before the handshake, as it is.
    /// - Parameter pause: Nanoseconds between that and the handshake's first bytes.
    init(to server: Server, version: Int32 = 0, first: [UInt8] = [], pause: Int64 = 0) throws {
        client = try server.connect()
        var silent = false
        let opened = withSlice(first) { [fd = client.fd] in
            probe_tls_open_as(fd, version, $0.bytes, $0.length, pause, Client.patience, &silent)
        }
        handle = try #require(opened)
    }

    deinit { probe_tls_close(handle) }

    @discardableResult
    func send(_ request: [UInt8]) -> Bool {
        withSlice(request) { probe_tls_send(handle, $0.bytes, $0.length) }
    }

    /// The records that would carry the request, for ``Client/send(_:patience:)``.
    func seal(_ request: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: request.count + 4096) { buffer, count in
            let room = UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
            count = withSlice(request) { probe_tls_seal(handle, $0.bytes, $0.length, room, request.count + 4096) }
        }
    }

    /// The record that says goodbye.
    func sealGoodbye() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            let room = UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
            count = probe_tls_seal(handle, nil, 0, room, 4096)
        }
    }

    /// Fewer when the server closed, or was silent.
    func receive(_ wanted: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            let room = UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
            var silent = false
            count = probe_tls_receive(handle, room, wanted, &silent)
        }
    }
}
