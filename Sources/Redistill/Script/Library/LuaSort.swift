/// `table.sort`: Lua's own quicksort, step by step, since an order that contradicts itself shows which one it is.
struct LuaSort {
    private let machine: LuaMachine
    private let table: LuaTable
    private let order: LuaValue

    static func sort(_ call: LuaCall) throws(LuaError) -> Int {
        let table = try call.table(1)
        let count = table.length
        if !call.isAbsent(2) { _ = try call.function(2) }
        if table.isReadOnly, count > 1 { throw call.machine.failure("Attempt to modify a readonly table") }
        try LuaSort(machine: call.machine, table: table, order: call[2]).sort(1, count)
        return 0
    }

    private func isLess(_ a: LuaValue, _ b: LuaValue) throws(LuaError) -> Bool {
        try machine.spend(1)
        return order.isNil ? try machine.isLess(a, b) : try machine.call(order, a, b).isTrue
    }

    private func set(_ index: Int, _ value: LuaValue) throws(LuaError) {
        table.set(index, value)
        try machine.checkMemory()
    }

    private func swap(_ i: Int, _ j: Int) throws(LuaError) {
        let (first, second) = (table[i], table[j])
        try set(i, second)
        try set(j, first)
    }

    private func sort(_ from: Int, _ to: Int) throws(LuaError) {
        var (low, high) = (from, to)
        while low < high {
            if try isLess(table[high], table[low]) { try swap(low, high) }
            if high - low == 1 { return }
            let middle = (low + high) / 2
            if try isLess(table[middle], table[low]) {
                try swap(middle, low)
            } else if try isLess(table[high], table[middle]) {
                try swap(middle, high)
            }
            if high - low == 2 { return }
            let pivot = table[middle]
            try swap(middle, high - 1)
            let split = try partition(low, high, pivot)
            try swap(high - 1, split)
            if split - low < high - split {
                try sort(low, split - 1)
                low = split + 1
            } else {
                try sort(split + 1, high)
                high = split - 1
            }
        }
    }

    /// Where the pivot belongs.
    private func partition(_ low: Int, _ high: Int, _ pivot: LuaValue) throws(LuaError) -> Int {
        var i = low
        var j = high - 1
        while true {
            i += 1
            while try isLess(table[i], pivot) {
                if i > high { throw machine.libraryFailure(Array("invalid order function for sorting".utf8)) }
                i += 1
            }
            j -= 1
            while try isLess(pivot, table[j]) {
                if j < low { throw machine.libraryFailure(Array("invalid order function for sorting".utf8)) }
                j -= 1
            }
            if j < i { return i }
            try swap(i, j)
        }
    }
}
