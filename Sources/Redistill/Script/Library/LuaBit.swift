/// The library `bit`: operations on 32 bits.
enum LuaBit {
    static func install(in machine: LuaMachine) {
        machine.library("bit", [
            ("tobit", one { $0 }), ("bnot", one { ~$0 }), ("bswap", one(\.byteSwapped)),
            ("band", all(&)), ("bor", all(|)), ("bxor", all(^)),
            ("lshift", shift { $0 &<< $1 }), ("rshift", shift { $0 &>> $1 }),
            ("arshift", shift { UInt32(bitPattern: Int32(bitPattern: $0) &>> Int32(bitPattern: $1)) }),
            ("rol", shift { $0 &<< $1 | $0 &>> (32 &- $1) }), ("ror", shift { $0 &>> $1 | $0 &<< (32 &- $1) }),
            ("tohex", tohex),
        ])
    }

    /// The low bits of a number, rounded to a whole one.
    private static func bits(_ call: LuaCall, _ index: Int) throws(LuaError) -> UInt32 {
        UInt32(truncatingIfNeeded: (try call.number(index) + 6_755_399_441_055_744).bitPattern)
    }

    private static func result(_ call: LuaCall, _ bits: UInt32) throws(LuaError) -> Int {
        try call.result(Double(Int32(bitPattern: bits)))
    }

    private static func one(_ function: @escaping (UInt32) -> UInt32) -> LuaNative {
        { (call) throws(LuaError) in try result(call, function(try bits(call, 1))) }
    }

    private static func all(_ function: @escaping (UInt32, UInt32) -> UInt32) -> LuaNative {
        { (call) throws(LuaError) in
            var value = try bits(call, 1)
            for index in stride(from: call.count, to: 1, by: -1) { value = function(value, try bits(call, index)) }
            return try result(call, value)
        }
    }

    private static func shift(_ function: @escaping (UInt32, UInt32) -> UInt32) -> LuaNative {
        { (call) throws(LuaError) in
            let value = try bits(call, 1)
            return try result(call, function(value, try bits(call, 2) & 31))
        }
    }

    static func tohex(_ call: LuaCall) throws(LuaError) -> Int {
        var value = try bits(call, 1)
        let wanted = call.count < 2 ? 8 : Int(Int32(bitPattern: try bits(call, 2)))
        let letters: UInt8 = wanted < 0 ? 65 : 97
        var digits: [UInt8] = []
        for _ in 0..<min(8, wanted.magnitude) {
            let digit = UInt8(value & 15)
            digits.append(digit < 10 ? 48 + digit : letters + digit - 10)
            value >>= 4
        }
        return try call.result(digits.reversed())
    }
}
