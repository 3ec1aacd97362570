/// Writing instructions and jumps.
extension LuaFunctionBuilder {
    var pc: Int { code.count }

    @discardableResult
    func emit(_ op: LuaOpcode, _ a: Int, _ b: Int, _ c: Int, line: Int) -> Int {
        patchPending()
        code.append(LuaInstruction(op, a, b, c))
        lines.append(Int32(clamping: line))
        return code.count - 1
    }

    /// The next instruction is one that jumps go to.
    func label() -> Int {
        lastTarget = pc
        return pc
    }

    // MARK: Jumps

    func jump(line: Int) -> Int {
        let earlier = pending
        pending = -1
        let made = emit(.jump, 0, 0, -1, line: line)
        return join(made, earlier)
    }

    /// Where the jump at `pc` goes, or the next of its list; -1 at the end.
    private func target(of pc: Int) -> Int {
        let offset = Int(code[pc].c)
        return offset == -1 ? -1 : pc + 1 + offset
    }

    private func fix(_ pc: Int, to target: Int) {
        code[pc].c = Int32(truncatingIfNeeded: target - (pc + 1))
    }

    /// Two lists of jumps as one.
    func join(_ first: Int, _ second: Int) -> Int {
        if second == -1 { return first }
        if first == -1 { return second }
        var last = first
        while true {
            let next = target(of: last)
            if next == -1 { break }
            last = next
        }
        fix(last, to: second)
        return first
    }

    /// The instruction that decides whether the jump at `pc` is taken.
    func control(of pc: Int) -> Int {
        guard pc >= 1 else { return pc }
        switch code[pc - 1].op {
        case .equal, .less, .lessEqual, .test, .testSet: return pc - 1
        default: return pc
        }
    }

    /// Whether any jump of the list comes without a value.
    func needsValue(_ list: Int) -> Bool {
        var at = list
        while at != -1 {
            if code[control(of: at)].op != .testSet { return true }
            at = target(of: at)
        }
        return false
    }

    /// Has the test before a jump put its value into a register, or into none.
    @discardableResult
    private func patchTest(_ pc: Int, _ register: Int?) -> Bool {
        let at = control(of: pc)
        guard code[at].op == .testSet else { return false }
        if let register, register != Int(code[at].b) {
            code[at].a = UInt8(truncatingIfNeeded: register)
        } else {
            code[at] = LuaInstruction(.test, Int(code[at].b), 0, Int(code[at].c))
        }
        return true
    }

    func removeValues(_ list: Int) {
        var at = list
        while at != -1 {
            patchTest(at, nil)
            at = target(of: at)
        }
    }

    func patch(_ list: Int, values: Int, register: Int?, defaults: Int) {
        var at = list
        while at != -1 {
            let next = target(of: at)
            fix(at, to: patchTest(at, register) ? values : defaults)
            at = next
        }
    }

    private func patchPending() {
        let list = pending
        pending = -1
        patch(list, values: pc, register: nil, defaults: pc)
    }

    func patch(_ list: Int, to target: Int) {
        if target == pc {
            patchToHere(list)
        } else {
            patch(list, values: target, register: nil, defaults: target)
        }
    }

    func patchToHere(_ list: Int) {
        _ = label()
        pending = join(pending, list)
    }
}
