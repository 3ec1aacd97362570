import CHotProbe
import Testing

/// Threads whose allocations fail, and whose clocks jump.
final class Fault {
    private let handle: OpaquePointer

    init() { handle = probe_fault_new() }
    deinit { probe_fault_free(handle) }

    enum Extent: CaseIterable, Sendable { case one, allAfterToo }

    func enter() { probe_fault_enter(handle) }
    func leave() { probe_fault_leave() }
    func arm(_ nth: Int, _ extent: Extent) { probe_fault_arm(handle, UInt64(nth), extent == .allAfterToo) }
    func disarm() -> Bool { probe_fault_disarm(handle) }

    func setClock(ahead seconds: Int64) { probe_fault_set_clock(handle, seconds) }
    func setMonotonic(ahead ms: Int64) { probe_fault_set_monotonic(handle, ms) }
    func jumpMonotonic(_ ms: Int64) { probe_fault_jump_monotonic(handle, ms) }

    /// For `addr2line -fe` of the test's binary.
    var site: String { "0x" + String(probe_fault_site(handle), radix: 16) }

    /// What was not given back, in words; nil when all was.
    var leak: String? {
        let held = probe_fault_held(handle)
        if held.blocks == 0 && held.mapped == 0 && held.descriptors == 0 { return nil }
        return "\(held.blocks) blocks, \(held.mapped) mapped bytes, \(held.descriptors) descriptors"
    }
}
