internal import CRedistillHot

/// How many keys and values of a database have which size: bytes of keys and strings, items of the others; stands for
/// `rd_sizes`.
package struct HotSizes: Sendable {
    package var database: Int
    /// Of bin 0 those of no bytes, of bin `n` those of at least 2ⁿ⁻¹ and less than 2ⁿ.
    package var keys: [UInt64]
    package var strings: [UInt64]
    package var lists: [UInt64] = []
    package var sets: [UInt64] = []
    package var zsets: [UInt64] = []
    package var hashes: [UInt64] = []

    package init(database: Int, keys: [UInt64], strings: [UInt64]) {
        self.database = database
        self.keys = keys
        self.strings = strings
    }
}

extension HotControl {
    /// Of every database with keys, by number; estimates where there are many. Stands for `rd_server_sizes`.
    package func sizes() -> [HotSizes] {
        withServer { server in
            var all: [HotSizes] = []
            var sizes = rd_sizes(), database: UInt32 = 0
            while rd_server_sizes(server, database, &sizes) {
                let keys = withUnsafeBytes(of: sizes.keys) { Array($0.bindMemory(to: UInt64.self)) }
                if keys.contains(where: { $0 > 0 }) {
                    let strings = withUnsafeBytes(of: sizes.strings) { Array($0.bindMemory(to: UInt64.self)) }
                    var found = HotSizes(database: Int(database), keys: keys, strings: strings)
                    found.lists = withUnsafeBytes(of: sizes.lists) { Array($0.bindMemory(to: UInt64.self)) }
                    found.sets = withUnsafeBytes(of: sizes.sets) { Array($0.bindMemory(to: UInt64.self)) }
                    found.zsets = withUnsafeBytes(of: sizes.zsets) { Array($0.bindMemory(to: UInt64.self)) }
                    found.hashes = withUnsafeBytes(of: sizes.hashes) { Array($0.bindMemory(to: UInt64.self)) }
                    all.append(found)
                }
                database += 1
            }
            return all
        } ?? []
    }
}
