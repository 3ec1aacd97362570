/// Cuts a source into tokens.
struct LuaLexer {
    private let source: [UInt8]
    let chunk: String
    private var position: Int
    /// The line that is being read.
    private(set) var line = 1
    /// The line of the token before the current one.
    private(set) var lastLine = 1
    private(set) var current = LuaLexeme()
    private var ahead: LuaLexeme?
    /// The spelling of the token that is read, for errors.
    var spelling: [UInt8] = []

    init(source: [UInt8], from start: Int, chunk: String) {
        self.source = source
        self.chunk = chunk
        position = start
    }

    // MARK: Tokens

    mutating func next() throws(LuaSyntaxError) {
        lastLine = line
        if let ahead {
            current = ahead
            self.ahead = nil
        } else {
            current = try read()
        }
    }

    /// The token behind the current one.
    mutating func lookAhead() throws(LuaSyntaxError) -> LuaLexeme {
        if let ahead { return ahead }
        let read = try read()
        ahead = read
        return read
    }

    private mutating func read() throws(LuaSyntaxError) -> LuaLexeme {
        spelling.removeAll(keepingCapacity: true)
        while let c = peek {
            switch c {
            case 10, 13: skipNewline()
            case 45: // -
                position += 1
                guard peek == 45 else { return character(45) }
                position += 1
                try skipComment()
            case 91: // [
                return try readBracket()
            case 34, 39: return try readString(c)
            case 46: return try readDot()
            case 61: return pair(c, .equal)
            case 60: return pair(c, .lessEqual)
            case 62: return pair(c, .greaterEqual)
            case 126: return pair(c, .notEqual)
            case _ where LuaCharacter.isSpace(c): position += 1
            case _ where LuaCharacter.isDigit(c): return try readNumber()
            case _ where LuaCharacter.isLetter(c) || c == 95: return readName()
            default:
                position += 1
                return character(c)
            }
        }
        return LuaLexeme()
    }

    private func character(_ c: UInt8) -> LuaLexeme {
        LuaLexeme(token: .character, character: c)
    }

    /// `c`, or `c` with a `=` behind it.
    private mutating func pair(_ c: UInt8, _ token: LuaToken) -> LuaLexeme {
        position += 1
        guard peek == 61 else { return character(c) }
        position += 1
        return LuaLexeme(token: token)
    }

    private mutating func readDot() throws(LuaSyntaxError) -> LuaLexeme {
        save()
        if peek == 46 {
            save()
            guard peek == 46 else { return LuaLexeme(token: .concat) }
            save()
            return LuaLexeme(token: .dots)
        }
        guard let c = peek, LuaCharacter.isDigit(c) else { return character(46) }
        return try readNumber()
    }

    private mutating func readName() -> LuaLexeme {
        while let c = peek, LuaCharacter.isAlphanumeric(c) || c == 95 { save() }
        if let word = LuaToken.reserved[spelling] { return LuaLexeme(token: word) }
        return LuaLexeme(token: .name, bytes: spelling)
    }

    private mutating func readNumber() throws(LuaSyntaxError) -> LuaLexeme {
        while let c = peek, LuaCharacter.isDigit(c) || c == 46 { save() }
        if peek == 69 || peek == 101 {
            save()
            if peek == 43 || peek == 45 { save() }
        }
        while let c = peek, LuaCharacter.isAlphanumeric(c) || c == 95 { save() }
        let value = (spelling + [0]).withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { LuaNumber.parse(terminated: $0) }
        }
        guard let value else { throw error("malformed number", near: .number) }
        return LuaLexeme(token: .number, number: value)
    }

    // MARK: Characters

    var peek: UInt8? { position < source.count ? source[position] : nil }

    mutating func save() {
        spelling.append(source[position])
        position += 1
    }

    mutating func skip() {
        position += 1
    }

    /// Takes one end of line, of one or two characters.
    mutating func skipNewline() {
        let first = peek
        position += 1
        if let second = peek, second == 10 || second == 13, second != first { position += 1 }
        line += 1
    }

    // MARK: Errors

    /// A sentence with place, and with the current token where `token` is given.
    func error(_ message: String, near token: LuaToken? = nil, character: UInt8 = 0) -> LuaSyntaxError {
        var text = Array("\(chunk):\(line): \(message)".utf8)
        guard let token else { return LuaSyntaxError(message: text) }
        text += Array(" near '".utf8)
        switch token {
        case .name, .string, .number:
            // As C prints it: up to the first zero.
            text += spelling.prefix { $0 != 0 }
        case .character where LuaCharacter.isControl(character): text += Array("char(\(character))".utf8)
        case .character: text.append(character)
        default: text += Array(token.spelling.utf8)
        }
        return LuaSyntaxError(message: text + [39])
    }

    /// The current token was not expected.
    func syntaxError(_ message: String) -> LuaSyntaxError {
        error(message, near: current.token, character: current.character)
    }
}
