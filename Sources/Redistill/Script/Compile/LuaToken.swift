/// A word of the language.
enum LuaToken: UInt8 {
    case and, `break`, `do`, `else`, elseif, end, `false`, `for`, function, `if`, `in`, local, `nil`, not, or, `repeat`
    case `return`, then, `true`, until, `while`
    case concat, dots, equal, greaterEqual, lessEqual, notEqual
    case number, name, string, endOfSource
    /// Any other character, which stands in `LuaLexeme.character`.
    case character

    /// The reserved words, by their spelling.
    static let reserved: [[UInt8]: LuaToken] = {
        let words: [(String, LuaToken)] = [
            ("and", .and), ("break", .break), ("do", .do), ("else", .else), ("elseif", .elseif), ("end", .end),
            ("false", .false), ("for", .for), ("function", .function), ("if", .if), ("in", .in), ("local", .local),
            ("nil", .nil), ("not", .not), ("or", .or), ("repeat", .repeat), ("return", .return), ("then", .then),
            ("true", .true), ("until", .until), ("while", .while),
        ]
        return Dictionary(uniqueKeysWithValues: words.map { (Array($0.0.utf8), $0.1) })
    }()

    /// How errors name it.
    var spelling: String {
        switch self {
        case .concat: ".."
        case .dots: "..."
        case .equal: "=="
        case .greaterEqual: ">="
        case .lessEqual: "<="
        case .notEqual: "~="
        case .number: "<number>"
        case .name: "<name>"
        case .string: "<string>"
        case .endOfSource: "<eof>"
        default: "\(self)"
        }
    }
}

/// A token with what it carries.
struct LuaLexeme {
    var token = LuaToken.endOfSource
    /// Of `.character`.
    var character: UInt8 = 0
    /// Of `.number`.
    var number = 0.0
    /// Of `.name` and `.string`.
    var bytes: [UInt8] = []

    func `is`(_ c: Character) -> Bool {
        token == .character && character == c.asciiValue
    }
}

/// Why a text is no script: a sentence with its name and line.
struct LuaSyntaxError: Error {
    let message: [UInt8]
}
