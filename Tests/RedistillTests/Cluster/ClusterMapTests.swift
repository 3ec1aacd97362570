import Testing

@testable import Redistill

@Suite struct ClusterMapTests {
    private static func nodes(_ count: Int, from first: Int = 1) -> [ClusterNode] {
        (first..<first + count).map { ClusterNode(host: "10.0.0.\($0)", port: 6379) }
    }

    private static func map(_ nodes: [ClusterNode]) -> ClusterMap { ClusterMap(nodes: nodes, own: nodes[0]) }

    /// The node of each slot.
    private static func owners(_ map: ClusterMap) -> [ClusterNode] { map.owners.map { map.nodes[Int($0)] } }

    @Test func mapDependsOnTheSetOfNodesAlone() {
        let nodes = Self.nodes(7)
        let one = Self.map(nodes)
        for _ in 0..<3 {
            let other = Self.map(nodes.shuffled())
            #expect(other.nodes == one.nodes && other.owners == one.owners)
        }
    }

    /// What it was on the day that it was made: daemons of two versions have to agree.
    @Test func mapStaysWhatItIs() {
        let map = Self.map(Self.nodes(3))
        #expect(map.owners.count == ClusterMap.slots)
        let digest = map.owners.enumerated().reduce(UInt64(0)) { ($0 &* 31) &+ UInt64($1.element) &+ UInt64($1.offset) }
        #expect(digest == 0x2f6dd00743fd6a00)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 8, 16, 40])
    func sharesAreEvenAndTheMapIsShort(count: Int) {
        let map = Self.map(Self.nodes(count))
        let shares = Dictionary(grouping: map.owners) { $0 }.mapValues(\.count)
        #expect(shares.count == count)
        // A range more than 1.05 at most.
        #expect(Double(shares.values.max() ?? 0) <= Double(ClusterMap.slots / count) * 1.05 + Double(SlotDeal.slotsInRange) * 2)
        let ranges = zip(map.owners, map.owners.dropFirst()).reduce(1) { $0 + ($1.0 == $1.1 ? 0 : 1) }
        #expect(ranges <= SlotDeal.ranges)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 8, 16, 40])
    func oneNodeMoreMovesItsShare(count: Int) {
        let before = Self.owners(Self.map(Self.nodes(count)))
        let after = Self.owners(Self.map(Self.nodes(count + 1)))
        let joined = Self.nodes(1, from: count + 1)[0]
        let moved = zip(before, after).filter { $0 != $1 }
        let among = moved.filter { $0.1 != joined }
        #expect(Double(moved.count) <= Double(ClusterMap.slots) * (1 / Double(count + 1) + 0.02))
        #expect(Double(among.count) <= Double(ClusterMap.slots) * (count < 6 ? 0.01 : 0.02))
    }

    @Test func whoIsNotInTheMapHasNoSlot() {
        let nodes = Self.nodes(3)
        #expect(ClusterMap(nodes: nodes, own: ClusterNode(host: "10.9.9.9", port: 1)).ownSlots.isEmpty)
        let shares = nodes.map { ClusterMap(nodes: nodes, own: $0).ownSlots }
        #expect(shares.reduce(0) { $0 + $1.count } == ClusterMap.slots)
        #expect(shares.reduce(into: Set()) { $0.formUnion($1) }.count == ClusterMap.slots)
    }
}
