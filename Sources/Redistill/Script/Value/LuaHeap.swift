/// What the values of one machine hold: how many bytes, and which tables and functions are alive.
///
/// Values are counted by reference and go when nobody holds them. What refers to itself in a circle stays until
/// `endCircles`, which the machine calls after each run. Nothing goes by recursion: a list of a million tables, each in
/// the one before, would need as many calls.
///
/// The list of the living holds no references of its own. It never leads to what is gone: an object takes itself off as
/// the first act of its `deinit`, and between the last reference and that nothing else runs, for no script code runs
/// when objects go and one thread at a time uses a heap.
final class LuaHeap {
    /// Bytes held now.
    @exclusivity(unchecked) var bytes = 0
    /// Past this many bytes a run ends.
    @exclusivity(unchecked) var limit = Int.max
    /// The newest of all living objects; they form a list in both directions.
    @exclusivity(unchecked) unowned(unsafe) fileprivate var newest: LuaObject?
    /// What those that went held, and that is not let go of yet.
    @exclusivity(unchecked) private var remains: [LuaRemains] = []
    @exclusivity(unchecked) private var isClearing = false
    /// Names and constants, so that equal ones are mostly the same object.
    @exclusivity(unchecked) private var keptNames: [[UInt8]: LuaString] = [:]
    @exclusivity(unchecked) private var names: [[UInt8]: LuaString] = [:]

    private static let longestName = 64

    var isOverLimit: Bool { bytes > limit }

    /// The string for a name or a constant, the same object each time; but what is too long for a name is not kept.
    func name(_ bytes: [UInt8]) -> LuaString {
        if bytes.count > LuaHeap.longestName { return LuaString.make(bytes, in: self) }
        if let known = names[bytes] { return known }
        let made = LuaString.make(bytes, in: self)
        names[bytes] = made
        return made
    }

    func name(_ text: StaticString) -> LuaString {
        name(text.withUTF8Buffer { Array($0) })
    }

    /// The names so far are those of libraries, which are kept.
    func keepNames() {
        keptNames = names
    }

    /// Forgets the names that scripts brought.
    func forgetNames() {
        names = keptNames
    }

    var nameCount: Int { names.count }

    /// Takes over what an object held that goes, and lets go of it without recursion. The caller must not hold on to
    /// it: letting go would then be the caller's, outside of the loop here.
    func bury(_ what: consuming LuaRemains) {
        remains.append(what)
        if isClearing { return }
        isClearing = true
        while let next = remains.popLast() { next.release() }
        isClearing = false
    }

    /// Empties all that was made since `mark`: for the end of a run, when nobody will ask for it again.
    func endCircles(since mark: UInt64) {
        while let object = newest, object.serial > mark {
            object.unlink()
            object.letGo()
        }
    }

    @exclusivity(unchecked) fileprivate(set) var serial: UInt64 = 0
}

/// The parts of an object that goes, whose own parts may go with them.
enum LuaRemains {
    case values(UnsafeMutablePointer<LuaValue>, Int)
    case nodes(UnsafeMutablePointer<LuaNode>, Int)
    case upvalues([LuaUpvalue])
    case value(LuaValue)
    case table(LuaTable?)

    fileprivate func release() {
        switch self {
        case .values(let pointer, let count):
            pointer.deinitialize(count: count)
            pointer.deallocate()
        case .nodes(let pointer, let count):
            pointer.deinitialize(count: count)
            pointer.deallocate()
        case .upvalues, .value, .table:
            break
        }
    }
}

/// What may be part of a circle: it stands in the list of its heap for as long as it lives.
class LuaObject {
    let heap: LuaHeap
    fileprivate let serial: UInt64
    @exclusivity(unchecked) unowned(unsafe) private var older: LuaObject?
    @exclusivity(unchecked) unowned(unsafe) private var newer: LuaObject?
    @exclusivity(unchecked) private var isLinked = true

    init(heap: LuaHeap) {
        self.heap = heap
        heap.serial &+= 1
        serial = heap.serial
        older = heap.newest
        older?.newer = self
        heap.newest = self
    }

    deinit {
        unlink()
    }

    /// Takes it off the list: the first thing when it goes.
    final func unlink() {
        guard isLinked else { return }
        isLinked = false
        older?.newer = newer
        if let newer { newer.older = older } else { heap.newest = older }
        older = nil
        newer = nil
    }

    /// Lets go of all that it holds.
    func letGo() {}
}
