/// Strings and comments.
extension LuaLexer {
    mutating func skipComment() throws(LuaSyntaxError) {
        if peek == 91 {
            let level = skipSeparator()
            spelling.removeAll(keepingCapacity: true)
            if level >= 0 {
                try readLong(level, isComment: true)
                spelling.removeAll(keepingCapacity: true)
                return
            }
        }
        while let c = peek, c != 10, c != 13 { skip() }
        spelling.removeAll(keepingCapacity: true)
    }

    mutating func readBracket() throws(LuaSyntaxError) -> LuaLexeme {
        let level = skipSeparator()
        if level == -1 { return LuaLexeme(token: .character, character: 91) }
        guard level >= 0 else { throw error("invalid long string delimiter", near: .string) }
        try readLong(level, isComment: false)
        return LuaLexeme(token: .string, bytes: Array(spelling[(2 + level)..<(spelling.count - 2 - level)]))
    }

    /// Takes a bracket and the `=` behind it: their count when the same bracket follows, else its complement.
    private mutating func skipSeparator() -> Int {
        let bracket = peek
        save()
        var count = 0
        while peek == 61 {
            save()
            count += 1
        }
        return peek == bracket ? count : -count - 1
    }

    private mutating func readLong(_ level: Int, isComment: Bool) throws(LuaSyntaxError) {
        save()
        if peek == 10 || peek == 13 { skipNewline() }
        while true {
            switch peek {
            case nil:
                throw error(isComment ? "unfinished long comment" : "unfinished long string", near: .endOfSource)
            case 91?:
                guard skipSeparator() == level else { continue }
                save()
                if level == 0 {
                    throw error("nesting of [[...]] is deprecated", near: .character, character: 91)
                }
            case 93?:
                guard skipSeparator() == level else { continue }
                save()
                return
            case 10?, 13?:
                spelling.append(10)
                skipNewline()
            default:
                save()
            }
        }
    }

    mutating func readString(_ quote: UInt8) throws(LuaSyntaxError) -> LuaLexeme {
        save()
        while peek != quote {
            switch peek {
            case nil: throw error("unfinished string", near: .endOfSource)
            case 10?, 13?: throw error("unfinished string", near: .string)
            case 92?: try readEscape()
            default: save()
            }
        }
        save()
        return LuaLexeme(token: .string, bytes: Array(spelling[1..<(spelling.count - 1)]))
    }

    private mutating func readEscape() throws(LuaSyntaxError) {
        skip()
        guard let c = peek else { return }
        switch c {
        case 10, 13:
            spelling.append(10)
            skipNewline()
        case _ where LuaCharacter.isDigit(c):
            var value = 0
            var digits = 0
            while digits < 3, let digit = peek, LuaCharacter.isDigit(digit) {
                value = value * 10 + Int(digit) - 48
                skip()
                digits += 1
            }
            guard value <= 255 else { throw error("escape sequence too large", near: .string) }
            spelling.append(UInt8(value))
        default:
            if let known = LuaLexer.escapes[c] {
                spelling.append(known)
                skip()
            } else {
                save()
            }
        }
    }

    private static let escapes: [UInt8: UInt8] = [
        97: 7, 98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11,
    ]
}
