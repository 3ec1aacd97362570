import CHotProbe
import CRedistillHot

/// The store, with a lock taken around each operation as a worker does.
final class Store {
    let handle: OpaquePointer

    init(shards: UInt32 = 4, shared: Bool = false, limit: UInt64 = 0, policy: String? = nil, seed: UInt64 = 1,
         reserve: UInt64 = 0) {
        func create(_ policy: UnsafePointer<CChar>?) -> OpaquePointer {
            var options = probe_store_options(
                shards: shards, shared: shared, limit: limit, policy: policy, seed: seed, reserve: reserve)
            return probe_store_new(&options)
        }
        handle = policy.map { $0.withCString(create) } ?? create(nil)
    }

    deinit {
        probe_store_free(handle)
    }

    struct Item: Equatable {
        var value: [UInt8]
        var expiry: Int64 = 0
    }

    func put(_ key: [UInt8], _ item: Item, now: Int64 = 0, asBlob: Bool = false) -> rd_status {
        withSlice(key) { key in
            withSlice(item.value) { value in
                asBlob
                    ? probe_store_put_blob(handle, key, value, item.expiry, now)
                    : probe_store_put(handle, key, value, item.expiry, now)
            }
        }
    }

    func get(_ key: [UInt8], now: Int64 = 0) -> Item? {
        var value = rd_slice(), expiry: Int64 = 0
        guard withSlice(key, { probe_store_get(handle, $0, now, &value, &expiry) }) else { return nil }
        return Item(value: bytes(of: value), expiry: expiry)
    }

    func append(_ key: [UInt8], _ added: [UInt8], now: Int64 = 0) -> rd_status {
        withSlice(key) { key in withSlice(added) { probe_store_append(handle, key, $0, now) } }
    }

    func resize(_ key: [UInt8], to length: Int, now: Int64 = 0) -> rd_status {
        withSlice(key) { probe_store_resize(handle, $0, UInt64(length), now) }
    }

    func copy(_ key: [UInt8], to other: [UInt8], now: Int64 = 0) -> rd_status {
        withSlice(key) { key in withSlice(other) { probe_store_copy(handle, key, $0, now) } }
    }

    func setExpiry(_ key: [UInt8], _ expiry: Int64, now: Int64 = 0) -> rd_status {
        withSlice(key) { probe_store_set_expiry(handle, $0, expiry, now) }
    }

    func remove(_ key: [UInt8], now: Int64 = 0) -> Bool {
        withSlice(key) { probe_store_remove(handle, $0, now) }
    }

    func setPolicy(_ name: String) -> Bool { name.withCString { probe_store_set_policy(handle, $0) } }
    func setLimit(_ limit: UInt64) { probe_store_set_limit(handle, limit) }
    func feed() -> Bool { probe_store_feed(handle) }
    func compact() { probe_store_compact(handle) }
    func relieve() -> Bool { probe_store_relieve(handle) }
    func setMinute(_ minute: UInt32) { probe_store_set_minute(handle, minute) }

    func setLFUDecay(minutes: UInt32) { probe_store_set_lfu_decay(handle, minutes) }
    func tidy() -> Bool { probe_store_tidy(handle) }
    func rest() -> Bool { probe_store_rest(handle) }
    var resident: UInt64 { probe_store_resident(handle) }
    func sweep(now: Int64) -> Int { Int(probe_store_sweep(handle, now)) }
    func digest(_ key: [UInt8]) -> UInt64 { withSlice(key) { probe_store_digest(handle, $0) } }
    func flushStep() -> Bool { probe_store_flush_step(handle) }
    func clear() -> Int { Int(probe_store_clear(handle)) }
    var count: Int { Int(probe_store_keys(handle)) }
    var used: UInt64 { probe_store_used(handle) }
    var evicted: Int { Int(probe_store_evicted(handle)) }
    var buckets: Int { Int(probe_store_buckets(handle)) }
    var isSound: Bool { probe_store_check(handle) }

    func statistics(now: Int64 = 0) -> rd_statistics {
        var statistics = rd_statistics()
        probe_store_statistics(handle, now, &statistics)
        return statistics
    }

    /// One step of SCAN.
    func scan(_ cursor: UInt64, _ visit: ([UInt8]) -> Void) -> UInt64 {
        withoutActuallyEscaping(visit) { visit in
            var visit = visit
            return withUnsafeMutablePointer(to: &visit) { context in
                probe_store_scan(handle, cursor, { context, key in
                    context!.assumingMemoryBound(to: (([UInt8]) -> Void).self).pointee(bytes(of: key))
                }, context)
            }
        }
    }

    /// Had a scan passed the key's place when it came to this cursor?
    func hasPassed(_ cursor: UInt64, _ key: [UInt8]) -> Bool {
        withSlice(key) { probe_store_has_passed(handle, cursor, $0) }
    }

    /// A whole SCAN of a store that nobody changes.
    func allKeys() -> [[UInt8]] {
        var keys: [[UInt8]] = [], cursor: UInt64 = 0
        repeat { cursor = scan(cursor) { keys.append($0) } } while cursor != 0
        return keys
    }
}
