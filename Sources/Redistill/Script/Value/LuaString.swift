internal import Glibc

/// What stands before the bytes of a string.
struct LuaStringHeader {
    let heap: LuaHeap
    let count: Int
    var hash: UInt32 = 0
    var isHashed = false
}

/// Bytes that never change, in one allocation, with a zero behind them for C's functions.
final class LuaString: ManagedBuffer<LuaStringHeader, UInt8> {
    /// What one costs besides its bytes.
    static let overhead = 48

    deinit {
        withUnsafeMutablePointerToHeader { header in
            header.pointee.heap.bytes &-= LuaString.overhead &+ header.pointee.count
        }
    }

    /// A string of `count` bytes that `fill` writes, all of them.
    @inline(__always)
    static func make(count: Int, in heap: LuaHeap, fill: (UnsafeMutablePointer<UInt8>) -> Void) -> LuaString {
        let made = LuaString.create(minimumCapacity: count + 1) { _ in LuaStringHeader(heap: heap, count: count) }
        heap.bytes &+= overhead &+ count
        made.withUnsafeMutablePointerToElements { elements in
            fill(elements)
            elements[count] = 0
        }
        return unsafeDowncast(made, to: LuaString.self)
    }

    static func make(_ bytes: UnsafeBufferPointer<UInt8>, in heap: LuaHeap) -> LuaString {
        make(count: bytes.count, in: heap) { target in
            if let start = bytes.baseAddress { target.update(from: start, count: bytes.count) }
        }
    }

    static func make(_ bytes: [UInt8], in heap: LuaHeap) -> LuaString {
        bytes.withUnsafeBufferPointer { make($0, in: heap) }
    }

    @inline(__always)
    var count: Int { withUnsafeMutablePointerToHeader { $0.pointee.count } }

    /// The bytes, for as long as somebody holds the string: a library's function has its arguments in registers until
    /// it returns, and no script can write those.
    @inline(__always)
    var bytes: LuaBytes {
        let start = withUnsafeMutablePointerToElements { UnsafePointer($0) }
        return LuaBytes(start: start, count: count)
    }

    var array: [UInt8] { Array(bytes.buffer) }

    /// That of Redis's Lua, so that tables are walked in the order in which Redis walks them. It takes all bytes, where
    /// Lua 5.1 leaves some of long strings out.
    @inline(__always)
    var hashCode: UInt32 {
        withUnsafeMutablePointers { header, elements in
            if header.pointee.isHashed { return header.pointee.hash }
            return LuaString.computeHash(header, elements)
        }
    }

    @inline(never)
    private static func computeHash(
        _ header: UnsafeMutablePointer<LuaStringHeader>, _ bytes: UnsafeMutablePointer<UInt8>
    ) -> UInt32 {
        let count = header.pointee.count
        var hash = UInt32(truncatingIfNeeded: count)
        var at = count
        while at > 0 {
            hash ^= (hash << 5) &+ (hash >> 2) &+ UInt32(bytes[at - 1])
            at -= 1
        }
        header.pointee.hash = hash
        header.pointee.isHashed = true
        return hash
    }

    @inline(__always)
    func equals(_ other: LuaString) -> Bool {
        self === other || (count == other.count && memcmp(bytes.start, other.bytes.start, count) == 0)
    }

    /// Negative, zero or positive, by bytes, as strcoll does in the C locale.
    func compare(_ other: LuaString) -> Int32 {
        let order = memcmp(bytes.start, other.bytes.start, min(count, other.count))
        if order != 0 { return order }
        return count == other.count ? 0 : count < other.count ? -1 : 1
    }

    /// Whether these are the bytes of `text`.
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && memcmp(bytes.start, text.utf8Start, count) == 0
    }
}
