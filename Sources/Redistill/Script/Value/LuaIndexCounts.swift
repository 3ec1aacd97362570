/// How many whole keys lie in each span (2^(n-1), 2^n], to find how long a table's array should be.
struct LuaIndexCounts {
    private var counts = InlineArray<28, Int>(repeating: 0)
    private var total = 0

    mutating func add(_ key: LuaValue) {
        guard case .number(let number) = key, let index = LuaNumber.index(number) else { return }
        add(index)
    }

    mutating func add(_ index: Int) {
        guard index > 0, index <= 1 << 26 else { return }
        counts[index == 1 ? 0 : Int.bitWidth - (index - 1).leadingZeroBitCount] += 1
        total += 1
    }

    /// The largest length of which more than half would be used, and how many keys would be there.
    var best: (size: Int, used: Int) {
        var below = 0
        var size = 0
        var used = 0
        var power = 1
        for index in counts.indices {
            let count = counts[index]
            guard power / 2 < total else { break }
            below += count
            if count > 0, below > power / 2 {
                size = power
                used = below
            }
            if below == total { break }
            power *= 2
        }
        return (size, used)
    }
}
