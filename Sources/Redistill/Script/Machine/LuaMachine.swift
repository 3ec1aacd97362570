/// Runs compiled functions: registers, the functions that are running, and what scripts find in their globals.
///
/// One thread uses a machine at a time. Functions of scripts call each other without Swift calling itself; functions of
/// libraries that call back do, at most `nativeLimit` deep.
///
/// The registers are one block of memory; nothing outside `Machine/` and `LuaCall` touches it. Operands are not checked:
/// `LuaVerifier` has seen that each lies within its function's registers, which `reserve` made before it began. A pointer
/// into the block (`LuaWindow.r`, the `place` of an error) is taken anew behind whatever may have called a function, as
/// that may have moved the block. What runs is held by the register that it was called from (`LuaFrame.function`), which
/// no variable of a script shares: calls stand above all of them.
final class LuaMachine {
    let heap = LuaHeap()
    @exclusivity(unchecked) var registers: UnsafeMutablePointer<LuaValue>
    @exclusivity(unchecked) private(set) var registerCount: Int
    /// Behind the last register in use, where that varies.
    @exclusivity(unchecked) var top = 0
    /// All registers from here on are nil.
    @exclusivity(unchecked) var highest = 0
    @exclusivity(unchecked) var frames: UnsafeMutablePointer<LuaFrame>
    @exclusivity(unchecked) private var frameCount: Int
    /// How many functions are running.
    @exclusivity(unchecked) var depth = 0
    @exclusivity(unchecked) var nativeDepth = 0
    /// Upvalues whose variables still stand in registers, the highest last.
    @exclusivity(unchecked) var open: [LuaUpvalue] = []
    /// Steps until the host is asked whether to go on.
    @exclusivity(unchecked) var budget = LuaMachine.period
    let globals: LuaTable
    @exclusivity(unchecked) var stringMetatable: LuaTable?
    let names: LuaKnownNames
    /// Names of metamethods, by event.
    let events: [LuaString]
    /// Asked each `period` steps: an error ends the run.
    @exclusivity(unchecked) var onPeriod: () -> [UInt8]? = { nil }
    /// The error that ends the run, once there is one.
    @exclusivity(unchecked) var ending: LuaError?
    /// State of libraries. Random numbers go on from run to run, as in Redis.
    @exclusivity(unchecked) var random = LuaRandom()
    @exclusivity(unchecked) var json = LuaJSONSettings()

    static let period = 10_000
    static let nativeLimit = 200
    static let depthLimit = 16_384
    static let registerLimit = 1 << 20
    private static let keptRegisters = 4096

    init() {
        registerCount = 256
        registers = .allocate(capacity: registerCount)
        registers.initialize(repeating: .nilValue, count: registerCount)
        frameCount = 32
        frames = .allocate(capacity: frameCount)
        globals = LuaTable(nodeCount: 64, heap: heap)
        let heap = heap
        names = LuaKnownNames(heap)
        events = LuaEvent.allCases.map { heap.name($0.name) }
    }

    deinit {
        registers.deinitialize(count: registerCount)
        registers.deallocate()
        frames.deallocate()
        stringMetatable = nil
        heap.endCircles(since: 0)
    }

    // MARK: Room

    /// Makes sure that registers up to `count` exist.
    @inline(__always)
    func reserve(_ count: Int) throws(LuaError) {
        if count > highest {
            if count > registerCount { try grow(count) }
            highest = count
        }
    }

    /// The same for registers that are perhaps not used, and need not be cleared then.
    @inline(__always)
    func makeRoom(_ count: Int) throws(LuaError) {
        if count > registerCount { try grow(count) }
    }

    @inline(never)
    private func grow(_ count: Int) throws(LuaError) {
        guard count <= LuaMachine.registerLimit else { throw failure("stack overflow") }
        let grown = max(count, registerCount * 2)
        let made = UnsafeMutablePointer<LuaValue>.allocate(capacity: grown)
        made.moveInitialize(from: registers, count: registerCount)
        (made + registerCount).initialize(repeating: .nilValue, count: grown - registerCount)
        registers.deallocate()
        heap.bytes &+= (grown - registerCount) * 16
        registers = made
        registerCount = grown
    }

    @inline(__always)
    func push(_ frame: LuaFrame) throws(LuaError) {
        if depth == frameCount { try growFrames() }
        (frames + depth).initialize(to: frame)
        depth += 1
    }

    @inline(never)
    private func growFrames() throws(LuaError) {
        guard depth < LuaMachine.depthLimit else { throw failure("stack overflow") }
        let made = UnsafeMutablePointer<LuaFrame>.allocate(capacity: frameCount * 2)
        made.moveInitialize(from: frames, count: frameCount)
        frames.deallocate()
        frames = made
        frameCount *= 2
    }

    // MARK: Bounds

    /// Counts `steps` of work.
    @inline(__always)
    func spend(_ steps: Int) throws(LuaError) {
        budget &-= steps
        if budget < 0 { try askHost() }
    }

    @inline(never)
    func askHost() throws(LuaError) {
        budget = LuaMachine.period
        if let message = onPeriod() {
            ending = LuaError(value: .string(LuaString.make(message, in: heap)), isFatal: true)
        }
        if let ending {
            budget = 0
            throw ending
        }
        try checkMemory()
    }

    @inline(__always)
    func checkMemory() throws(LuaError) {
        if heap.isOverLimit { throw outOfMemory() }
    }

    @inline(never)
    func outOfMemory() -> LuaError {
        let error = LuaError(value: .string(heap.name("not enough memory")), isFatal: true)
        ending = error
        return error
    }

    /// A string of bytes that are there already. To copy many of them is work, too.
    func string(_ bytes: UnsafeBufferPointer<UInt8>) throws(LuaError) -> LuaString {
        try spend(bytes.count >> 10)
        if bytes.count > heap.limit &- heap.bytes { throw outOfMemory() }
        return LuaString.make(bytes, in: heap)
    }

    func string(_ bytes: [UInt8]) throws(LuaError) -> LuaString {
        try spend(bytes.count >> 10)
        if bytes.count > heap.limit &- heap.bytes { throw outOfMemory() }
        return LuaString.make(bytes, in: heap)
    }

    func table(arrayCount: Int = 0, nodeCount: Int = 0) throws(LuaError) -> LuaTable {
        let made = LuaTable(arrayCount: arrayCount, nodeCount: nodeCount, heap: heap)
        try checkMemory()
        return made
    }

    /// The number that a value is or spells.
    @inline(__always)
    func number(_ value: LuaValue) throws(LuaError) -> Double? {
        if case .number(let number) = value { return number }
        return try spelledNumber(value)
    }

    @inline(never)
    private func spelledNumber(_ value: LuaValue) throws(LuaError) -> Double? {
        guard case .string(let text) = value else { return nil }
        try spend(text.count >> 4)
        return LuaNumber.parse(text)
    }

    /// A step of a walk over a table. What was set to nil is passed by, which is work as well.
    func next(_ table: LuaTable, after key: LuaValue) throws(LuaError) -> LuaStep {
        var passed = 1
        let step = table.next(after: key, &passed)
        try spend(passed)
        return step
    }

    /// Sets a field without a look at metatables.
    func rawSet(_ table: LuaTable, _ key: LuaValue, _ value: LuaValue) throws(LuaError) {
        if table.isReadOnly { throw failure("Attempt to modify a readonly table") }
        if case .nilValue = key { throw failure("table index is nil") }
        if case .number(let number) = key, number.isNaN { throw failure("table index is NaN") }
        table.set(key, value)
        try checkMemory()
    }

    /// Empties the registers, so that what stood there goes.
    func clearRegisters() {
        for index in 0..<highest { registers[index] = .nilValue }
        open.removeAll(keepingCapacity: true)
        highest = 0
        top = 0
        depth = 0
        nativeDepth = 0
        if registerCount > LuaMachine.keptRegisters { shrink() }
    }

    /// Gives back what one deep run took.
    private func shrink() {
        registers.deinitialize(count: registerCount)
        registers.deallocate()
        heap.bytes &-= (registerCount - 256) * 16
        registerCount = 256
        registers = .allocate(capacity: registerCount)
        registers.initialize(repeating: .nilValue, count: registerCount)
        frames.deallocate()
        frameCount = 32
        frames = .allocate(capacity: frameCount)
    }
}
