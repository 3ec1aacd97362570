internal import CRedistillHot
internal import Synchronization

/// What may be done with a running server from any thread, and safely after its end.
///
/// The server is owned by ``HotServer``; this is the reference that callbacks and the main thread share. Once the
/// owner has let go of the server, every call answers as if it were stopped.
package final class HotControl: Sendable {
    // Proof: the pointer is only handed to functions of the boundary that its header allows on any thread.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let server = Mutex<Handle?>(nil)

    package init() {}

    /// The counters; stands for `rd_server_statistics`. Nil once the server is gone.
    package func statistics() -> HotStatistics? {
        withServer { server in
            var statistics = rd_statistics()
            rd_server_statistics(server, &statistics)
            return statistics
        }
    }

    /// Changes a number; stands for `rd_server_set`.
    package func set(_ setting: HotSetting, to value: Int64) throws(HotError) {
        guard let status = withServer({ rd_server_set($0, setting.code, value) }) else { throw .stopped }
        try HotError.check(status)
    }

    /// Changes the eviction policy; stands for `rd_server_set_policy`.
    package func setPolicy(_ name: String) throws(HotError) {
        guard let status = withServer({ rd_server_set_policy($0, name) }) else { throw .stopped }
        try HotError.check(status)
    }

    /// Uses a TLS context for connections from now on; stands for `rd_server_set_tls`, which takes over the context.
    package func setTLS(_ context: consuming TLSContext) {
        let pointer = context.release()
        if withServer({ rd_server_set_tls($0, UnsafeMutableRawPointer(pointer)) }) == nil { TLSContext.free(pointer) }
    }

    /// The users beside default from now on; stands for `rd_server_set_users`, which takes over the list.
    package func setUsers(_ users: consuming HotUserList) {
        let pointer = users.release()
        if withServer({ rd_server_set_users($0, pointer) }) == nil { HotUserList.free(pointer) }
    }

    /// Worker threads; stands for `rd_server_workers`.
    package var workers: Int { withServer { Int(rd_server_workers($0)) } ?? 0 }

    /// Shards of the store; stands for `rd_server_shards`.
    package var shards: Int { withServer { Int(rd_server_shards($0)) } ?? 0 }

    /// The port that an endpoint is bound to; stands for `rd_server_port`.
    package func port(ofEndpoint index: Int) -> UInt16 { withServer { rd_server_port($0, index) } ?? 0 }

    /// The port of the HTTP listener; stands for `rd_server_http_port`.
    package var httpPort: UInt16 { withServer { rd_server_http_port($0) } ?? 0 }

    /// Where a command's keys stand, or nil when there is none of that name, its keys may stand elsewhere, or it touches
    /// more than those; stands for `rd_server_key_positions`.
    package func keyPositions(of command: [UInt8]) -> ScriptKeyPositions? {
        let positions: ScriptKeyPositions?? = withServer { server in
            var positions = rd_key_positions()
            let isKnown = command.withUnsafeBytes { bytes in
                let name = rd_slice(
                    bytes: bytes.baseAddress?.assumingMemoryBound(to: CChar.self), length: bytes.count)
                return rd_server_key_positions(server, name, &positions)
            }
            guard isKnown else { return nil }
            return ScriptKeyPositions(
                first: Int(positions.first), last: Int(positions.last), step: Int(positions.step))
        }
        return positions ?? nil
    }

    /// Bytes of this process that are in memory now, its keys' even where it has not looked at them yet; stands for
    /// `rd_server_resident`. 0 where nobody knows.
    package func residentBytes() -> UInt64 { withServer { rd_server_resident($0) } ?? 0 }

    /// Another descriptor of each endpoint's listening socket, -1 where there is none; stands for `rd_server_lend_listeners`.
    /// The caller owns them.
    package func lendListeners(count: Int) -> [Int32] {
        var descriptors = [Int32](repeating: -1, count: count)
        _ = withServer { rd_server_lend_listeners($0, &descriptors) }
        return descriptors
    }

    /// What has become of the keys of a process before; stands for `rd_server_adoption`.
    package func adoption() -> HotAdoption { withServer { HotAdoption(rd_server_adoption($0)) } ?? HotAdoption(rd_adoption()) }

    /// The descriptor of the memory that the keys lie in, which stays the server's; stands for `rd_server_store_descriptor`.
    package func storeDescriptor() -> Int32? {
        withServer { rd_server_store_descriptor($0) }.flatMap { $0 < 0 ? nil : $0 }
    }

    /// Begins the graceful stop; stands for `rd_server_begin_drain`.
    package func beginDrain() {
        _ = withServer { rd_server_begin_drain($0) }
    }

    /// Ties the control to its server, or unties it before the server is destroyed.
    func attach(_ pointer: OpaquePointer?) {
        let handle = pointer.map(Handle.init)
        server.withLock { $0 = handle }
    }

    // The lock is held over the call so that the owner can't destroy the server meanwhile. No call below waits for
    // another thread that could want this lock.
    func withServer<Result: Sendable>(_ body: (OpaquePointer) -> Result) -> Result? {
        server.withLock { handle in handle.map { body($0.pointer) } }
    }
}
