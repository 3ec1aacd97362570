internal import Glibc

/// The libraries `math` and `os`.
enum LuaMath {
    static func install(in machine: LuaMachine) {
        let library = machine.library("math", [
            ("abs", one(fabs)), ("acos", one(acos)), ("asin", one(asin)), ("atan", one(atan)), ("ceil", one(ceil)),
            ("cos", one(cos)), ("cosh", one(cosh)), ("deg", one { $0 / (Double.pi / 180) }), ("exp", one(exp)),
            ("floor", one(floor)), ("log", one(log)), ("log10", one(log10)),
            ("rad", one { $0 * (Double.pi / 180) }), ("sin", one(sin)), ("sinh", one(sinh)), ("sqrt", one(sqrt)),
            ("tan", one(tan)), ("tanh", one(tanh)),
            ("atan2", two(atan2)), ("fmod", two(fmod)), ("mod", two(fmod)), ("pow", two(pow)),
            ("frexp", frexp), ("ldexp", ldexp), ("modf", modf), ("max", max), ("min", min),
            ("random", random), ("randomseed", randomseed),
        ])
        library.set(machine.heap.name("pi"), .number(Double.pi))
        library.set(machine.heap.name("huge"), .number(Double.infinity))
        machine.library("os", [("clock", osClock)])
    }

    private static func one(_ function: @escaping (Double) -> Double) -> LuaNative {
        { (call) throws(LuaError) in try call.result(function(try call.number(1))) }
    }

    private static func two(_ function: @escaping (Double, Double) -> Double) -> LuaNative {
        { (call) throws(LuaError) in
            // The second first: Redis's compiler evaluates arguments from the right, and the first error is told.
            let second = try call.number(2)
            return try call.result(function(try call.number(1), second))
        }
    }

    static func frexp(_ call: LuaCall) throws(LuaError) -> Int {
        var exponent: Int32 = 0
        let fraction = Glibc.frexp(try call.number(1), &exponent)
        try call.push(.number(fraction))
        try call.push(.number(Double(exponent)))
        return 2
    }

    static func ldexp(_ call: LuaCall) throws(LuaError) -> Int {
        let exponent = try call.int(2)
        return try call.result(Glibc.ldexp(try call.number(1), Int32(truncatingIfNeeded: exponent)))
    }

    static func modf(_ call: LuaCall) throws(LuaError) -> Int {
        var whole = 0.0
        let fraction = Glibc.modf(try call.number(1), &whole)
        try call.push(.number(whole))
        try call.push(.number(fraction))
        return 2
    }

    static func max(_ call: LuaCall) throws(LuaError) -> Int {
        var largest = try call.number(1)
        for index in stride(from: 2, through: call.count, by: 1) {
            let number = try call.number(index)
            if number > largest { largest = number }
        }
        return try call.result(largest)
    }

    static func min(_ call: LuaCall) throws(LuaError) -> Int {
        var smallest = try call.number(1)
        for index in stride(from: 2, through: call.count, by: 1) {
            let number = try call.number(index)
            if number < smallest { smallest = number }
        }
        return try call.result(smallest)
    }

    // MARK: Random

    static func random(_ call: LuaCall) throws(LuaError) -> Int {
        let r = call.machine.random.next()
        switch call.count {
        case 0: return try call.result(r)
        case 1:
            let high = try call.int(1)
            guard high >= 1 else { throw call.argumentError(1, "interval is empty") }
            return try call.result((r * Double(high)).rounded(.down) + 1)
        case 2:
            let (low, high) = (try call.int(1), try call.int(2))
            guard low <= high else { throw call.argumentError(2, "interval is empty") }
            let span = Int32(truncatingIfNeeded: high - low + 1)
            return try call.result((r * Double(span)).rounded(.down) + Double(low))
        default: throw call.error("wrong number of arguments")
        }
    }

    static func randomseed(_ call: LuaCall) throws(LuaError) -> Int {
        call.machine.random.seed(Int32(truncatingIfNeeded: try call.int(1)))
        return 0
    }

    // MARK: Time

    static func osClock(_ call: LuaCall) throws(LuaError) -> Int {
        try call.result(Double(clock()) / Double(CLOCKS_PER_SEC))
    }
}

/// Redis's own generator, drand48's: the same numbers on every machine, anew in each run.
struct LuaRandom {
    private var state = UInt64.random(in: 0..<1 << 48)

    /// From 0 up to 1.
    mutating func next() -> Double {
        state = (state &* 0x5_DEEC_E66D &+ 11) & 0xFFFF_FFFF_FFFF
        let value = Int32(truncatingIfNeeded: state >> 17)
        return Double(value % Int32.max) / Double(Int32.max)
    }

    mutating func seed(_ seed: Int32) {
        state = UInt64(UInt32(bitPattern: seed)) << 16 | 0x330E
    }
}
