/// A key with its value, and the next of those whose keys belong to the same place.
struct LuaNode {
    var value: LuaValue = .nilValue
    var key: LuaValue = .nilValue
    var next: Int32 = -1
}

/// A table: an array from 1 and a hash for the rest, arranged as in Lua 5.1, so that walks and lengths are Redis's.
///
/// The hash is a chained scatter table: a key stands in its main place unless another one that belongs there has it. A
/// value set to nil leaves its key, so that a walk may clear what it sees.
///
/// Pointers to the array and the nodes stay within one call of a method, in which no script code runs; memory that is
/// replaced is let go of last, since that may end other objects. `place(of:)` is for tables that nobody changes.
final class LuaTable: LuaObject {
    @exclusivity(unchecked) private(set) var array: UnsafeMutablePointer<LuaValue>?
    @exclusivity(unchecked) private(set) var arrayCount = 0
    @exclusivity(unchecked) private var nodes: UnsafeMutablePointer<LuaNode>?
    /// A power of two, or zero.
    @exclusivity(unchecked) private(set) var nodeCount = 0
    /// All nodes from here on are taken.
    @exclusivity(unchecked) private var lastFree = 0
    @exclusivity(unchecked) var metatable: LuaTable?
    /// Globals and libraries: nobody changes them.
    @exclusivity(unchecked) var isReadOnly = false
    /// Metamethods known to be absent from this table, one bit each; gone with the next new key.
    @exclusivity(unchecked) var absent: UInt32 = 0

    private static let size = 128
    private static let largestArray = 1 << 26

    init(arrayCount: Int = 0, nodeCount: Int = 0, heap: LuaHeap) {
        super.init(heap: heap)
        heap.bytes &+= LuaTable.size
        if arrayCount > 0 { growArray(to: arrayCount) }
        if nodeCount > 0 { makeNodes(nodeCount) }
    }

    deinit {
        unlink()
        heap.bytes &-= LuaTable.size
        letGo()
    }

    override func letGo() {
        if metatable != nil {
            var held: LuaTable?
            swap(&held, &metatable)
            heap.bury(.table(consume held))
        }
        if let array {
            self.array = nil
            let count = arrayCount
            arrayCount = 0
            heap.bytes &-= count &* 16
            heap.bury(.values(array, count))
        }
        if let nodes {
            self.nodes = nil
            let count = nodeCount
            nodeCount = 0
            heap.bytes &-= count &* 40
            heap.bury(.nodes(nodes, count))
        }
    }

    // MARK: Reading

    @inline(__always)
    subscript(index: Int) -> LuaValue {
        if UInt(bitPattern: index &- 1) < UInt(bitPattern: arrayCount), let array { return array[index - 1] }
        return numbered(Double(index))
    }

    @inline(__always)
    subscript(key: LuaString) -> LuaValue {
        guard let nodes else { return .nilValue }
        let hash = key.hashCode
        var at = Int(hash) & (nodeCount - 1)
        while true {
            if case .string(let other) = nodes[at].key, other === key || (other.hashCode == hash && other.equals(key)) {
                return nodes[at].value
            }
            at = Int(nodes[at].next)
            if at < 0 { return .nilValue }
        }
    }

    subscript(key: LuaValue) -> LuaValue {
        switch key {
        case .nilValue: return .nilValue
        case .string(let text): return self[text]
        case .number(let number):
            if let index = LuaNumber.index(number) { return self[index] }
            return numbered(number)
        default:
            guard let found = find(key), let nodes else { return .nilValue }
            return nodes[found].value
        }
    }

    private func numbered(_ number: Double) -> LuaValue {
        guard let nodes else { return .nilValue }
        var at = LuaTable.place(of: number, among: nodeCount)
        while at >= 0 {
            if case .number(let other) = nodes[at].key, other == number { return nodes[at].value }
            at = Int(nodes[at].next)
        }
        return .nilValue
    }

    /// The node of a key.
    private func find(_ key: LuaValue) -> Int? {
        guard let nodes else { return nil }
        var at = place(of: key)
        while at >= 0 {
            if nodes[at].key.rawEquals(key) { return at }
            at = Int(nodes[at].next)
        }
        return nil
    }

    /// An index whose value is there while the next one's is not, as `#` finds it.
    var length: Int {
        if arrayCount > 0, let array, array[arrayCount - 1].isNil {
            var low = 0
            var high = arrayCount
            while high - low > 1 {
                let middle = (low + high) / 2
                if array[middle - 1].isNil { high = middle } else { low = middle }
            }
            return low
        }
        return nodes == nil ? arrayCount : unboundLength(from: arrayCount)
    }

    private func unboundLength(from start: Int) -> Int {
        var low = start
        var high = start + 1
        while !self[high].isNil {
            low = high
            high *= 2
            if high > Int(Int32.max) {
                low = 1
                while !self[low].isNil { low += 1 }
                return low - 1
            }
        }
        while high - low > 1 {
            let middle = (low + high) / 2
            if self[middle].isNil { high = middle } else { low = middle }
        }
        return low
    }

    /// The place of the pair behind `key` in a walk, and the pair; nil at the end, and `unknown` when there is no such
    /// key.
    ///
    /// - Parameter passed: Grows with the places that were empty.
    func next(after key: LuaValue, _ passed: inout Int) -> LuaStep {
        guard var at = position(of: key) else { return .unknown }
        let start = at
        defer { passed &+= (at &- start) >> 4 }
        while at < arrayCount, let array {
            if !array[at].isNil { return .pair(.number(Double(at + 1)), array[at]) }
            at += 1
        }
        while at - arrayCount < nodeCount, let nodes {
            let node = nodes + (at - arrayCount)
            if !node.pointee.value.isNil { return .pair(node.pointee.key, node.pointee.value) }
            at += 1
        }
        return .end
    }

    /// Where a walk goes on behind `key`.
    private func position(of key: LuaValue) -> Int? {
        if key.isNil { return 0 }
        if case .number(let number) = key, let index = LuaNumber.index(number), index >= 1, index <= arrayCount {
            return index
        }
        return find(key).map { $0 + arrayCount + 1 }
    }

    // MARK: Writing

    /// Sets the value of a key that is neither nil nor NaN.
    func set(_ key: LuaValue, _ value: LuaValue) {
        switch key {
        case .string(let text): set(text, value)
        case .number(let number):
            if let index = LuaNumber.index(number) {
                set(index, value)
            } else {
                setNode(key, value)
            }
        default: setNode(key, value)
        }
    }

    @inline(__always)
    func set(_ index: Int, _ value: LuaValue) {
        if UInt(bitPattern: index &- 1) < UInt(bitPattern: arrayCount), let array {
            array[index - 1] = value
        } else {
            setNode(.number(Double(index)), value)
        }
    }

    func set(_ key: LuaString, _ value: LuaValue) {
        if let nodes {
            let hash = key.hashCode
            var at = Int(hash) & (nodeCount - 1)
            while at >= 0 {
                if case .string(let other) = nodes[at].key,
                    other === key || (other.hashCode == hash && other.equals(key)) {
                    nodes[at].value = value
                    absent = 0
                    return
                }
                at = Int(nodes[at].next)
            }
        }
        insert(.string(key), value)
    }

    /// Where the value of a key stands: until a key is added, so for tables that nobody changes any more.
    func place(of key: LuaString) -> UnsafeMutablePointer<LuaValue>? {
        guard let nodes, let at = find(.string(key)) else { return nil }
        return UnsafeMutableRawPointer(nodes + at).advanced(by: MemoryLayout<LuaNode>.offset(of: \.value) ?? 0)
            .assumingMemoryBound(to: LuaValue.self)
    }

    private func setNode(_ key: LuaValue, _ value: LuaValue) {
        if let at = find(key), let nodes {
            nodes[at].value = value
            absent = 0
        } else {
            insert(key, value)
        }
    }

    /// A key that is not there yet.
    private func insert(_ key: LuaValue, _ value: LuaValue) {
        absent = 0
        guard let nodes else { return insertAfterRehash(key, value) }
        var at = place(of: key)
        if !nodes[at].value.isNil {
            guard let free = takeFree() else { return insertAfterRehash(key, value) }
            let main = place(of: nodes[at].key)
            if main != at {
                // The one that stands here belongs elsewhere: it makes room.
                var before = main
                while Int(nodes[before].next) != at { before = Int(nodes[before].next) }
                nodes[before].next = Int32(free)
                nodes[free] = nodes[at]
                nodes[at].next = -1
                nodes[at].value = .nilValue
            } else {
                nodes[free].next = nodes[at].next
                nodes[at].next = Int32(free)
                at = free
            }
        }
        nodes[at].key = key
        nodes[at].value = value
    }

    private func insertAfterRehash(_ key: LuaValue, _ value: LuaValue) {
        rehash(for: key)
        set(key, value)
    }

    private func takeFree() -> Int? {
        guard let nodes else { return nil }
        while lastFree > 0 {
            lastFree -= 1
            if nodes[lastFree].key.isNil { return lastFree }
        }
        return nil
    }

    // MARK: Places

    @inline(__always)
    private static func place(of number: Double, among count: Int) -> Int {
        if number == 0 { return 0 }
        let bits = number.bitPattern
        let sum = UInt32(truncatingIfNeeded: bits) &+ UInt32(truncatingIfNeeded: bits >> 32)
        return Int(sum % (UInt32(truncatingIfNeeded: count - 1) | 1))
    }

    private func place(of key: LuaValue) -> Int {
        switch key {
        case .number(let number): LuaTable.place(of: number, among: nodeCount)
        case .string(let text): Int(text.hashCode) & (nodeCount - 1)
        case .boolean(let value): (value ? 1 : 0) & (nodeCount - 1)
        default: Int(UInt32(truncatingIfNeeded: key.address) % (UInt32(truncatingIfNeeded: nodeCount - 1) | 1))
        }
    }

    // MARK: Growing

    private func growArray(to count: Int) {
        let grown = UnsafeMutablePointer<LuaValue>.allocate(capacity: count)
        if let array {
            grown.moveInitialize(from: array, count: arrayCount)
            array.deallocate()
        }
        (grown + arrayCount).initialize(repeating: .nilValue, count: count - arrayCount)
        heap.bytes &+= (count - arrayCount) &* 16
        array = grown
        arrayCount = count
    }

    private func makeNodes(_ wanted: Int) {
        guard wanted > 0 else {
            nodes = nil
            nodeCount = 0
            lastFree = 0
            return
        }
        var count = 1
        while count < wanted { count *= 2 }
        let made = UnsafeMutablePointer<LuaNode>.allocate(capacity: count)
        made.initialize(repeating: LuaNode(), count: count)
        heap.bytes &+= count &* 40
        nodes = made
        nodeCount = count
        lastFree = count
    }

    /// Arranges array and hash anew for what is there and one key more.
    private func rehash(for key: LuaValue) {
        var counts = LuaIndexCounts()
        var total = 1
        for index in 0..<arrayCount where array.map({ !$0[index].isNil }) ?? false {
            counts.add(index + 1)
            total += 1
        }
        for index in 0..<nodeCount {
            guard let nodes, !nodes[index].value.isNil else { continue }
            counts.add(nodes[index].key)
            total += 1
        }
        counts.add(key)
        let (size, used) = counts.best
        resize(array: size, nodes: total - used)
    }

    /// Makes the array at least so long, as a list of values does before it is stored.
    func reserveArray(_ count: Int) {
        if count > arrayCount { resize(array: count, nodes: nodeCount) }
    }

    private func resize(array newCount: Int, nodes newNodes: Int) {
        let old = nodes
        let oldCount = nodeCount
        if newCount > arrayCount { growArray(to: newCount) }
        makeNodes(newNodes)
        if newCount < arrayCount { shrinkArray(to: newCount) }
        guard let old else { return }
        for index in stride(from: oldCount - 1, through: 0, by: -1) where !old[index].value.isNil {
            set(old[index].key, old[index].value)
        }
        heap.bytes &-= oldCount &* 40
        heap.bury(.nodes(old, oldCount))
    }

    private func shrinkArray(to count: Int) {
        guard let old = array else { return }
        let oldCount = arrayCount
        array = nil
        arrayCount = 0
        heap.bytes &-= oldCount &* 16
        if count > 0 {
            growArray(to: count)
            for index in 0..<count { array?[index] = old[index] }
        }
        for index in count..<oldCount where !old[index].isNil { set(index + 1, old[index]) }
        heap.bury(.values(old, oldCount))
    }
}

/// A step of a walk over a table.
enum LuaStep {
    case pair(LuaValue, LuaValue)
    case end
    case unknown
}
