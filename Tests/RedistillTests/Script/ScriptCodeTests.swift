import Testing

@testable import Redistill

/// What is looked for in compiled code before it may run.
struct ScriptCodeTests {
    /// A function of four registers with two constants, a name and a number, and without anything else.
    private func accepts(_ code: [LuaInstruction], hasVarargs: Bool = true, upvalues: Int = 0) -> Bool {
        let builder = LuaFunctionBuilder(parent: nil, line: 0, hasVarargs: hasVarargs)
        builder.code = code
        builder.lines = code.map { _ in 1 }
        builder.registers = 4
        _ = builder.string(Array("name".utf8))
        _ = builder.constant(.number(1.0.bitPattern))
        for index in 0..<upvalues { _ = builder.upvalue(named: [UInt8(index)], isLocal: true, index: index) }
        return LuaVerifier.accepts(LuaPrototype(builder, chunk: "test"))
    }

    private static let end = LuaInstruction(.return, 0, 1, 0)

    @Test(arguments: [
        (LuaOpcode.move, 4, 0, 0), (.move, 0, 4, 0), (.loadConstant, 4, 0, 0), (.loadConstant, 0, 0, 2), (.loadConstant, 0, 0, -1),
        (.loadBoolean, 4, 0, 0), (.loadNil, 0, 4, 0), (.loadNil, 2, 1, 0), (.getUpvalue, 0, 0, 0), (.setUpvalue, 0, 0, 0),
        (.getGlobal, 0, 0, 2), (.getGlobal, 4, 0, 0), (.getGlobal, 0, 0, 1), (.setGlobal, 0, 0, 1), (.setGlobal, 4, 0, 0),
        (.getTable, 0, 4, 0), (.getTable, 0, 0, 4), (.getTable, 0, 0, 258), (.getTable, 0, 0, -1), (.getTable, 4, 0, 0),
        (.setTable, 4, 0, 0), (.setTable, 0, 258, 0), (.setTable, 0, 0, 258), (.setTable, 0, 0, -2), (.newTable, 4, 0, 0),
        (.newTable, 0, 0, -1), (.newTable, 0, 0, 1 << 30), (.method, 3, 0, 0), (.method, 0, 4, 0), (.method, 0, 0, 258),
        (.add, 4, 0, 0), (.subtract, 0, 4, 0), (.multiply, 0, 0, 4), (.divide, 0, 258, 0), (.modulo, 0, 0, 258), (.power, 0, 0, -1),
        (.negate, 0, 4, 0), (.not, 0, 4, 0), (.not, 4, 0, 0), (.length, 0, 4, 0), (.concat, 0, 1, 4), (.concat, 0, 2, 1), (.concat, 4, 0, 1),
        (.jump, 0, 0, 1), (.jump, 0, 0, -2), (.test, 0, 0, 0), (.testSet, 0, 1, 0), (.equal, 0, 0, 0), (.less, 0, 0, 0), (.loadBoolean, 0, 1, 1),
        (.call, 4, 1, 1), (.call, 0, 6, 1), (.call, 0, 1, 6), (.call, 0, 1, -1), (.call, 3, 1, 3), (.tailCall, 2, 4, 0), (.return, 0, 6, 0),
        (.return, 3, 3, 0), (.forLoop, 1, 0, -1), (.forPrepare, 1, 0, 0), (.forLoop, 0, 0, 5), (.forEach, 0, 0, 1), (.forEach, 0, 0, 0),
        (.setList, 2, 2, 0), (.setList, 0, 1, -1), (.close, 4, 0, 0), (.closure, 0, 0, 0), (.varargs, 2, 4, 0), (.varargs, 4, 1, 0),
        // Values up to the top that nobody left.
        (.call, 0, 0, 1), (.tailCall, 0, 0, 0), (.return, 0, 0, 0), (.setList, 0, 0, 0),
    ])
    func operandsThatLeadAstrayAreRefused(_ op: LuaOpcode, _ a: Int, _ b: Int, _ c: Int) {
        #expect(!accepts([LuaInstruction(op, a, b, c), ScriptCodeTests.end]))
    }

    @Test func valuesUpToTheTopAreOfTheInstructionBefore() {
        let values = LuaInstruction(.varargs, 2, 0, 0)
        #expect(accepts([values, LuaInstruction(.call, 1, 0, 1), ScriptCodeTests.end]))
        #expect(accepts([values, LuaInstruction(.return, 2, 0, 0), ScriptCodeTests.end]))
        #expect(accepts([LuaInstruction(.call, 1, 1, 0), LuaInstruction(.setList, 0, 0, 0), ScriptCodeTests.end]))
        // They begin before what is to be taken.
        #expect(!accepts([values, LuaInstruction(.call, 2, 0, 1), ScriptCodeTests.end]))
        #expect(!accepts([values, LuaInstruction(.return, 3, 0, 0), ScriptCodeTests.end]))
        // Something is between, or there is another way to the call.
        #expect(!accepts([values, LuaInstruction(.move, 0, 1, 0), LuaInstruction(.call, 1, 0, 1), ScriptCodeTests.end]))
        #expect(!accepts([LuaInstruction(.jump, 0, 0, 1), values, LuaInstruction(.call, 1, 0, 1), ScriptCodeTests.end]))
        #expect(!accepts([LuaInstruction(.call, 1, 1, 2), LuaInstruction(.return, 1, 0, 0), ScriptCodeTests.end]))
    }

    @Test func codeEndsAndBeginsAsItShould() {
        #expect(accepts([ScriptCodeTests.end]))
        #expect(!accepts([]))
        #expect(!accepts([LuaInstruction(.move, 0, 1, 0)]))
        #expect(!accepts([values, ScriptCodeTests.end], hasVarargs: false))
        #expect(!accepts([ScriptCodeTests.end], upvalues: 1))
    }

    private var values: LuaInstruction { LuaInstruction(.varargs, 0, 2, 0) }

    /// All that the compiler makes is accepted: here as much of the language as fits into one script.
    @Test func whatTheCompilerMakesIsAccepted() throws {
        let many = (0..<300).map { "'s\($0)'" }.joined(separator: ", ")
        let script = """
            local t = {1, 2, x = 3, [4] = 5, \(many), unpack(ARGV)}
            local function f(a, b, ...) local c = arg return a, b, ..., select('#', ...) end
            local function g(...) return f(...) end
            for i = 1, 10, 2 do local h = function() t[i] = i return i end if i == 5 then break end h() end
            for k, v, w in pairs(t) do repeat local y = k if y then break end until function() return y end end
            while #t < 0 or not t.x and t.y == nil do t.x, t.y = t.y, t.x .. 'a' .. 1 end
            function t:m(x) return self.x + x * 2 - 3 / 4 % 5 ^ -x end
            local ok = (t.x <= 3) == (1 < 2 and 'a' > 'b') ~= (t.x >= 9)
            return {t:m(1), g(1, 2, 3), (g()), ok, -t.x, function(...) return {...} end}
            """
        _ = try ScriptRunner().compile(script)
    }
}
