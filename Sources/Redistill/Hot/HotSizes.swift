internal import CRedistillHot

/// How many keys and values of a database have which size; stands for `rd_sizes`.
package struct HotSizes: Sendable {
    package var database: Int
    /// Of bin 0 those of no bytes, of bin `n` those of at least 2ⁿ⁻¹ and less than 2ⁿ.
    package var keys: [UInt64]
    package var values: [UInt64]

    package init(database: Int, keys: [UInt64], values: [UInt64]) {
        self.database = database
        self.keys = keys
        self.values = values
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
                let values = withUnsafeBytes(of: sizes.values) { Array($0.bindMemory(to: UInt64.self)) }
                if keys.contains(where: { $0 > 0 }) {
                    all.append(HotSizes(database: Int(database), keys: keys, values: values))
                }
                database += 1
            }
            return all
        } ?? []
    }
}
