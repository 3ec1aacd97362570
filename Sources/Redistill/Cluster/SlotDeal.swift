/// Deals the slots of a cluster out to its nodes. Pure: the same nodes get the same slots on every daemon, in whichever
/// order they are written.
///
/// Slots are dealt in ranges by rendezvous hashing: each node ranks all ranges by a hash of its own, and a range goes to the
/// node that ranks it highest. So one node more takes its share from all others and moves nothing among them, and what a node
/// had that is gone is shared by the rest. Two things make the shares even, though ranges are few so that the map stays short:
/// a node's ranks are a permutation, the same for each but for their order, where independent hashes would vary one and a
/// half times as much; and no node takes more than 1.05 times its share. A range whose first choice is full goes to
/// the next one, and a node that is full keeps those that it ranks highest, as in stable matching, so that the result does not
/// depend on the order in which ranges are looked at.
///
/// Of a hundred simulated clusters of each size (the table is in docs/cluster-map.md): with 3 to 10 nodes the largest share is
/// 1.03 to 1.055 times the mean; one node more moves its own share, and 0.08 to 0.5 % of the slots among the others; the map
/// has 680 to 920 ranges.
package enum SlotDeal {
    /// Of sixteen slots each. Half as many move twice as much among old nodes; twice as many make a map of two thousand.
    static let ranges = 1024
    static let slotsInRange = ClusterMap.slots / ranges

    /// The node of each range, by its place in `ids`.
    ///
    /// - Parameter ids: The ids of the nodes, at least one, each once.
    package static func owners(ids: [String]) -> [UInt16] {
        let bids = ids.map(Bids.init)
        let most = (ranges * 105 + ids.count * 100 - 1) / (ids.count * 100)
        /// By node, the ranges that it has so far; by range, the nodes that were too full for it.
        var held: [[Int]] = Array(repeating: [], count: ids.count)
        var refused: [Set<Int>] = Array(repeating: [], count: ranges)
        var free = Array(0..<ranges)
        while let range = free.popLast() {
            guard let node = first(for: range, among: bids, without: refused[range]) else { continue }
            held[node].append(range)
            guard held[node].count > most,
                let least = held[node].indices.min(by: { bids[node].ranks[held[node][$0]] < bids[node].ranks[held[node][$1]] })
            else { continue }
            let left = held[node].remove(at: least)
            refused[left].insert(node)
            free.append(left)
        }
        var owners = [UInt16](repeating: 0, count: ranges)
        for (node, mine) in held.enumerated() { for range in mine { owners[range] = UInt16(node) } }
        return owners
    }

    /// The node that ranks a range highest. There is always one: together they have room for all ranges.
    private static func first(for range: Int, among bids: [Bids], without refused: Set<Int>) -> Int? {
        bids.indices.filter { !refused.contains($0) }.max { bids[$0].isBelow(bids[$1], for: range) }
    }

    /// What a node makes of the ranges.
    private struct Bids {
        let id: String
        let hashes: [UInt64]
        /// The place of each range in the order of its hashes.
        let ranks: [Int]

        init(id: String) {
            self.id = id
            let seed = UInt64(id.prefix(16), radix: 16) ?? 0
            let hashes = (0..<ranges).map { mixed(seed, UInt64($0)) }
            var ranks = Array(repeating: 0, count: ranges)
            let order = hashes.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
            for (rank, range) in order.enumerated() { ranks[range] = rank }
            self.hashes = hashes
            self.ranks = ranks
        }

        /// Of two that rank a range alike the hash decides.
        func isBelow(_ other: Bids, for range: Int) -> Bool {
            guard ranks[range] == other.ranks[range] else { return ranks[range] < other.ranks[range] }
            return (hashes[range], id) < (other.hashes[range], other.id)
        }
    }

    /// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (SplitMix64), with a step for each
    /// range.
    private static func mixed(_ seed: UInt64, _ range: UInt64) -> UInt64 {
        var z = seed &+ (range &+ 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
