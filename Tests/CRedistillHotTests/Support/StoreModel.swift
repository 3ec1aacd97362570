import CHotProbe
import CRedistillHot
import Testing

/// A store and the plain dictionary that it must agree with, through random operations on both.
struct StoreModel {
    let store: Store
    private(set) var items: [[UInt8]: Store.Item] = [:]
    private(set) var now: Int64 = 1000
    /// The clock may go back: what had expired by then is there or not, but never with another value.
    private var latest: Int64 = 1000
    private(set) var refusals = 0
    /// Values that somebody is still being sent.
    private var held: [(value: UnsafeMutableRawPointer, bytes: [UInt8])] = []
    private var random: SeededRandom
    private let keys: [[UInt8]]
    /// With a limit the store may forget what it was told, or refuse it, but never tell something else.
    private let mayForget: Bool

    init(store: Store, keys: [[UInt8]], seed: UInt64, mayForget: Bool = false) {
        self.store = store
        self.keys = keys
        self.mayForget = mayForget
        random = SeededRandom(seed: seed)
    }

    /// Keys whose lengths lie on both sides of everything that treats lengths apart.
    static func keys(_ count: Int) -> [[UInt8]] {
        let lengths = [8, 12, 16, 20, 40, 100, 254, 255, 256, 257, 1000, 70_000]
        let special: [[UInt8]] = [[], [0], [13], Array(0...255), Array("*".utf8)]
        return special + (special.count..<max(count, special.count)).map { number in
            let name = Array("key:\(number):".utf8), length = number % 8 == 0 ? lengths[number / 8 % lengths.count] : 16
            return name + [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: max(length - name.count, 0))
        }
    }

    private func live(_ key: [UInt8]) -> Store.Item? {
        guard let item = items[key], item.expiry == 0 || item.expiry > now else { return nil }
        return item
    }

    private func mayBeGone(_ item: Store.Item) -> Bool {
        mayForget || (item.expiry != 0 && item.expiry <= latest)
    }

    private mutating func valueLength() -> Int {
        switch random.below(40) {
        case 0..<16: random.below(80)
        case 16..<30: random.below(1100)
        case 30..<36: 1000 + random.below(60)
        case 36..<39: random.below(20_000)
        default: random.below(100_000)
        }
    }

    private mutating func expiry() -> Int64 {
        random.below(3) == 0 ? now + 1 + Int64(random.below(500)) : 0
    }

    mutating func step() {
        let key = keys[random.below(keys.count)]
        switch random.below(32) {
        case 0..<11: put(key)
        case 11..<14: append(key)
        case 14: resize(key)
        case 15..<17: changeExpiry(key)
        case 17..<21: remove(key)
        case 21: setClock(now + Int64(random.below(60)))
        case 22: sweep()
        default: compare(key)
        }
    }

    private mutating func setClock(_ time: Int64) {
        now = max(time, 1)
        latest = max(latest, now)
    }

    /// One of the things that happen between commands: a clock that jumps, memory that moves, a reader that holds on.
    mutating func disturb() {
        switch random.below(8) {
        case 0: setClock(now + Int64(random.below(100_000)))
        case 1, 2: setClock(now - Int64(random.below(2000)))
        case 3: store.compact()
        case 4: _ = store.relieve()
        case 5: _ = store.feed()
        case 6: hold(keys[random.below(keys.count)])
        default: copy(keys[random.below(keys.count)], to: keys[random.below(keys.count)])
        }
        if held.count > 8 { release(held.removeFirst()) }
    }

    private mutating func hold(_ key: [UInt8]) {
        guard let value = withSlice(key, { probe_store_hold_value(store.handle, $0, now) }) else { return }
        #expect(bytes(of: probe_held_value(value)) == live(key)?.value)
        held.append((value, bytes(of: probe_held_value(value))))
    }

    private func release(_ held: (value: UnsafeMutableRawPointer, bytes: [UInt8])) {
        #expect(bytes(of: probe_held_value(held.value)) == held.bytes)
        probe_release_value(held.value)
    }

    mutating func releaseAll() {
        for held in held { release(held) }
        held = []
    }

    private mutating func copy(_ key: [UInt8], to other: [UInt8]) {
        let status = store.copy(key, to: other, now: now)
        guard let item = live(key), !(status == RD_ERR_INVALID && mayBeGone(item)) else {
            #expect(status == RD_ERR_INVALID)
            items[key] = nil
            return
        }
        if accepts(status) { items[other] = item }
    }

    private mutating func put(_ key: [UInt8]) {
        let item = Store.Item(value: random.bytes(valueLength()), expiry: expiry())
        let status = store.put(key, item, now: now, asBlob: random.below(8) == 0)
        if accepts(status) { items[key] = item }
    }

    private mutating func append(_ key: [UInt8]) {
        let added = random.bytes(random.below(4) == 0 ? valueLength() : random.below(40))
        let status = store.append(key, added, now: now)
        change(key, status) { $0.value += added }
    }

    private mutating func resize(_ key: [UInt8]) {
        guard let old = live(key)?.value.count else { return }
        let length = random.below(2) == 0 ? old + random.below(3000) : random.below(old + 1)
        let status = store.resize(key, to: length, now: now)
        change(key, status) { item in
            item.value = Array(item.value.prefix(length)) + [UInt8](repeating: 0, count: max(length - item.value.count, 0))
        }
    }

    private mutating func changeExpiry(_ key: [UInt8]) {
        let expiry = expiry()
        change(key, store.setExpiry(key, expiry, now: now)) { $0.expiry = expiry }
    }

    /// What an operation on an existing key did, given its status.
    private mutating func change(_ key: [UInt8], _ status: rd_status, _ change: (inout Store.Item) -> Void) {
        guard var item = live(key) else {
            #expect(status == RD_ERR_INVALID)
            return
        }
        if mayBeGone(item) && status == RD_ERR_INVALID {
            items[key] = nil
        } else if accepts(status) {
            change(&item)
            items[key] = item
        }
    }

    private mutating func accepts(_ status: rd_status) -> Bool {
        if mayForget && status == RD_ERR_NO_MEMORY {
            refusals += 1
            return false
        }
        #expect(status == RD_OK)
        return status == RD_OK
    }

    private mutating func remove(_ key: [UInt8]) {
        let removed = store.remove(key, now: now), item = live(key)
        #expect(removed == (item != nil) || (!removed && mayBeGone(item!)))
        items[key] = nil
    }

    private mutating func sweep() {
        let removed = store.sweep(now: now), dead = items.filter { $1.expiry != 0 && $1.expiry <= now }
        #expect(removed <= dead.count)
    }

    private mutating func compare(_ key: [UInt8]) {
        let found = store.get(key, now: now)
        if let item = items[key], found == nil && mayBeGone(item) { items[key] = nil }
        #expect(found == live(key))
    }

    /// Everything at once: structure, each key, and the keys that a SCAN lists.
    mutating func compareAll() {
        #expect(store.isSound)
        _ = store.sweep(now: now)
        for key in items.keys { compare(key) }
        items = items.filter { $1.expiry == 0 || $1.expiry > now }
        #expect(store.count == items.count)
        #expect(Set(store.allKeys()) == Set(items.keys))
        let statistics = store.statistics(now: now)
        #expect(statistics.keys_with_ttl == UInt64(items.values.filter { $0.expiry != 0 }.count))
        #expect(statistics.memory_payload == items.reduce(0) { $0 + UInt64($1.key.count + $1.value.value.count) })
        #expect(statistics.ttl_sum_ms == items.values.reduce(0) { $0 + ($1.expiry == 0 ? 0 : UInt64($1.expiry - now)) })
    }

    mutating func clear() {
        let removed = store.clear()
        #expect(removed <= items.count && removed >= items.values.count { !mayBeGone($0) })
        items = [:]
    }
}
