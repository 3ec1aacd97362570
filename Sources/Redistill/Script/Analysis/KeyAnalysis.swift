/// Proves, before a script runs, that it touches no keys but those in KEYS: then only their shards need be held.
///
/// It goes through the instructions of each function with what is known of each register (`KeyFact`), in all ways that
/// the script could take. What it can't follow counts as touching anything. It relies on what the machine sees to:
/// globals and libraries can't be changed, and there is no way to KEYS, `redis` or the globals but by their names.
///
/// A variable that closures share has one fact for the whole script, `cells`, that of all values it is ever given; the
/// functions are gone through again until no cell changes.
final class KeyAnalysis {
    private let keysOf: ([UInt8]) -> ScriptKeyPositions?
    private(set) var functions: [KeyFunction] = []
    private var cells: [[KeyFact]] = []
    private var cellsChanged = false
    /// The strings of the script, by number.
    private var names: [[UInt8]] = []
    private var numbers: [[UInt8]: Int32] = [:]
    /// Steps that are left: a script that takes more is taken for one that touches anything.
    var budget: Int

    static func touchesOnlyItsKeys(_ main: LuaPrototype, keysOf: @escaping ([UInt8]) -> ScriptKeyPositions?) -> Bool {
        let analysis = KeyAnalysis(keysOf)
        guard analysis.add(main, parent: nil) else { return false }
        repeat {
            analysis.cellsChanged = false
            for index in analysis.functions.indices {
                var flow = KeyFlow(analysis, index)
                guard flow.run() else { return false }
            }
        } while analysis.cellsChanged
        return true
    }

    private init(_ keysOf: @escaping ([UInt8]) -> ScriptKeyPositions?) {
        self.keysOf = keysOf
        budget = 1 << 18
    }

    /// Finds the functions and where each one's upvalues come from. Outer ones come first.
    private func add(_ prototype: LuaPrototype, parent: Int?) -> Bool {
        var upvalues: [KeyCell] = []
        for capture in prototype.upvalues {
            guard let parent else { return false }
            if capture.isLocal {
                upvalues.append(KeyCell(function: parent, register: capture.index))
            } else if functions[parent].upvalues.indices.contains(capture.index) {
                upvalues.append(functions[parent].upvalues[capture.index])
            } else {
                return false
            }
        }
        budget -= prototype.code.count
        guard budget > 0 else { return false }
        let strings = prototype.constants.map { constant -> Int32? in
            guard case .string(let bytes) = constant else { return nil }
            return number(bytes)
        }
        let own = functions.count
        functions.append(KeyFunction(prototype: prototype, upvalues: upvalues, strings: strings))
        cells.append(Array(repeating: .nothing, count: prototype.registers))
        for inner in prototype.functions {
            guard add(inner, parent: own) else { return false }
        }
        return true
    }

    private func number(_ bytes: [UInt8]) -> Int32 {
        if let known = numbers[bytes] { return known }
        let made = Int32(names.count)
        names.append(bytes)
        numbers[bytes] = made
        return made
    }

    func text(_ number: Int32) -> [UInt8] { names[Int(number)] }

    func positions(_ name: Int32) -> ScriptKeyPositions? { keysOf(text(name)) }

    // MARK: Shared variables

    func fact(_ cell: KeyCell) -> KeyFact { cells[cell.function][cell.register] }

    func add(_ fact: KeyFact, to cell: KeyCell) {
        let joined = cells[cell.function][cell.register].joined(fact)
        if joined == cells[cell.function][cell.register] { return }
        cells[cell.function][cell.register] = joined
        cellsChanged = true
    }
}

/// A function of the script.
struct KeyFunction {
    let prototype: LuaPrototype
    let upvalues: [KeyCell]
    /// The numbers of those constants that are strings.
    let strings: [Int32?]
}

/// A variable that closures share: the register of the function that declared it.
struct KeyCell: Equatable {
    let function: Int
    let register: Int
}
