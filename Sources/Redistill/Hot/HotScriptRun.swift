internal import CRedistillHot

/// The run of a script within a callback; stands for `struct rd_script_run`, which ends with the callback.
///
/// All bytes that go in and out are lent. On the thread of the callback alone.
package struct HotScriptRun {
    /// Bytes that somebody else owns. An array of them is what C calls an array of `rd_slice`.
    package typealias Bytes = UnsafeBufferPointer<UInt8>

    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    /// Takes the locks that a script needs; stands for `rd_script_begin`.
    ///
    /// - Parameters:
    ///   - replyLimit: Bytes that one of its commands may reply.
    ///   - flags: What the script says of itself, if it does.
    /// - Returns: False when it may not run, and the client has been told why.
    func begin(touchesOnlyItsKeys: Bool, replyLimit: Int, flags: ScriptHeader.Flags?) -> Bool {
        rd_script_begin(
            pointer,
            rd_script_terms(
                touches_only_its_keys: touchesOnlyItsKeys, has_flags: flags != nil,
                no_writes: flags?.contains(.noWrites) ?? false, allow_oom: flags?.contains(.allowOOM) ?? false,
                no_cluster: flags?.contains(.noCluster) ?? false,
                crosses_slots: flags?.contains(.allowCrossSlotKeys) ?? false,
                reply_limit: UInt64(replyLimit)))
    }

    /// Runs a command; stands for `rd_script_call`. The reply stays until the next call or the end of the callback.
    func call(_ arguments: UnsafeBufferPointer<Bytes>, resp: Int) -> Bytes {
        HotScriptRun.bytes(of: rd_script_call(pointer, HotScriptRun.slices(arguments), arguments.count, Int32(resp)))
    }

    /// Whether the client may use a command, or nil when there is none of it; stands for `rd_script_allows`.
    func allows(_ arguments: UnsafeBufferPointer<Bytes>) -> Bool? {
        let answer = rd_script_allows(pointer, HotScriptRun.slices(arguments), arguments.count)
        return answer < 0 ? nil : answer == 1
    }

    /// The error that is to end the run, if it may not go on; stands for `rd_script_may_go_on`.
    func mayGoOn() -> [UInt8]? {
        let error = rd_script_may_go_on(pointer)
        return error.length == 0 ? nil : Array(HotScriptRun.bytes(of: error))
    }

    /// The script's reply, in RESP; stands for `rd_script_reply`.
    ///
    /// - Parameter isTold: If it is an error, it is one of a command, which has counted it.
    func reply(_ bytes: Bytes, isTold: Bool) {
        bytes.withMemoryRebound(to: CChar.self) { rd_script_reply(pointer, $0.baseAddress, $0.count, isTold) }
    }

    /// Many slices as C has them: both are an address and a count.
    static func slices(_ bytes: UnsafeBufferPointer<Bytes>) -> UnsafePointer<rd_slice>? {
        bytes.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: rd_slice.self) }
    }

    /// The other way round.
    static func bytes(_ slices: UnsafePointer<rd_slice>?, _ count: Int) -> UnsafeBufferPointer<Bytes> {
        UnsafeBufferPointer(
            start: slices.map { UnsafeRawPointer($0).assumingMemoryBound(to: Bytes.self) },
            count: slices == nil ? 0 : count)
    }

    static func bytes(of slice: rd_slice) -> Bytes {
        UnsafeBufferPointer(
            start: slice.bytes.map { UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) }, count: slice.length)
    }
}
