extension ValueType {
    /// A checked value, and a note when it is not quite what was written.
    package struct Reading: Sendable, Equatable {
        package let value: ConfigurationValue
        package let note: String?

        init(_ value: ConfigurationValue, note: String? = nil) {
            self.value = value
            self.note = note
        }
    }

    /// Checks a value and turns it into the type's own form.
    ///
    /// Texts are read as numbers and flags where the type wants those, since flags and the environment know nothing
    /// else.
    package func read(_ raw: RawValue, on machine: MachineMemory) throws(ValueProblem) -> Reading {
        if case .bytes = raw, self != .secret { throw ValueProblem(reason: "it is not UTF-8 text") }
        switch self {
        case .integer(let range):
            let number = try Self.wholeNumber(raw)
            guard range.contains(number) else { throw .notAllowed }
            return Reading(.integer(number))
        case .adjusted(let range):
            return Self.adjust(try Self.wholeNumber(raw), to: range) { String($0) }
        case .powerOfTwo(let range):
            return try Self.powerOfTwo(Self.wholeNumber(raw), in: range)
        case .bytes(let range):
            let size = try Self.size(raw)
            guard range.contains(size) else { throw .notAllowed }
            return Reading(.integer(size))
        case .adjustedBytes(let range):
            return Self.adjust(try Self.size(raw), to: range) { ByteSize.exact($0) ?? String($0) }
        case .memoryLimit:
            return try Self.memoryLimit(raw, on: machine)
        case .databaseShares:
            return Reading(.text(try DatabaseShares(raw).text))
        case .clientMemory:
            return Reading(try ClientMemory.read(raw))
        case .duration(let range):
            let time = try Self.duration(raw)
            guard range.contains(time) else { throw .notAllowed }
            return Reading(.integer(time))
        case .flag:
            return Reading(.flag(try Self.flag(raw)))
        case .flagOr(let word):
            if case .text(let text) = raw, text.lowercased() == word { return Reading(.text(word)) }
            return Reading(.flag(try Self.flag(raw)))
        case .text, .path:
            guard case .text(let text) = raw, !text.utf8.contains(0) else { throw .notAllowed }
            return Reading(.text(text))
        case .list:
            return Reading(.list(try Self.list(raw)))
        case .nodes:
            return Reading(.list(try Self.nodes(raw)))
        case .node:
            let nodes = try Self.nodes(raw)
            guard nodes.count <= 1 else { throw .notAllowed }
            return Reading(.text(nodes.first ?? ""))
        case .choice(let words):
            guard case .text(let text) = raw, let word = Self.word(text, of: words) else { throw .notAllowed }
            return Reading(.text(word))
        case .numbers(let count, let range, let fractions):
            return Reading(.text(try Self.numbers(raw, count, range, fractions: fractions)))
        case .policy:
            guard case .text(let text) = raw, EvictionPolicy.names.contains(text.lowercased()) else { throw .notAllowed }
            return Reading(.text(text.lowercased()))
        case .mode:
            return Reading(.integer(try Self.mode(raw)))
        case .secret:
            return Reading(.secret(try Self.secret(raw)))
        }
    }

    private static func wholeNumber(_ raw: RawValue) throws(ValueProblem) -> Int64 {
        switch raw {
        case .integer(let number): return number
        case .text(let text):
            guard let number = Int64(text) else { throw .notAllowed }
            return number
        default: throw .notAllowed
        }
    }

    private static func size(_ raw: RawValue) throws(ValueProblem) -> Int64 {
        switch raw {
        case .integer(let number) where number >= 0: return number
        case .text(let text):
            guard let size = ByteSize.parse(text) else { throw .noSize(text) }
            return size
        default: throw .notAllowed
        }
    }

    private static func memoryLimit(_ raw: RawValue, on machine: MachineMemory) throws(ValueProblem) -> Reading {
        guard case .text(let text) = raw, text.hasSuffix("%") else {
            let size = try size(raw)
            guard size <= ByteSize.largest else { throw .notAllowed }
            return Reading(.integer(size))
        }
        guard let percent = Int64(text.dropLast()), (1...100).contains(percent) else { throw .noShare }
        guard let available = machine.available else {
            throw ValueProblem(reason: "this machine does not tell how much memory it has, so a share of it is unknown")
        }
        return Reading(.integer(Int64(available / 100) * percent))
    }

    private static func duration(_ raw: RawValue) throws(ValueProblem) -> Int64 {
        let milliseconds: Int64?
        switch raw {
        case .integer(let number):
            let (product, overflow) = number.multipliedReportingOverflow(by: 1000)
            milliseconds = overflow ? nil : product
        case .fraction(let number):
            milliseconds = Int64(exactly: (number * 1000).rounded())
        case .text(let text): milliseconds = TimeText.parse(text)
        default: milliseconds = nil
        }
        guard let milliseconds else { throw .notAllowed }
        return milliseconds
    }

    private static func flag(_ raw: RawValue) throws(ValueProblem) -> Bool {
        switch raw {
        case .flag(let flag): return flag
        case .text(let text):
            switch text.lowercased() {
            case "true", "yes", "on", "1": return true
            case "false", "no", "off", "0": return false
            default: throw .notAllowed
            }
        default: throw .notAllowed
        }
    }

    private static func list(_ raw: RawValue) throws(ValueProblem) -> [String] {
        var items: [String] = []
        switch raw {
        case .text(let text):
            items = text.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
        case .list(let values):
            for value in values {
                guard case .text(let text) = value, !text.isEmpty else { throw .notAllowed }
                items.append(text)
            }
        default: throw .notAllowed
        }
        guard !items.isEmpty, !items.contains(where: { $0.utf8.contains(0) }) else { throw .notAllowed }
        return items
    }

    private static func numbers(
        _ raw: RawValue, _ count: Int?, _ range: ClosedRange<Int64>, fractions: Bool
    ) throws(ValueProblem) -> String {
        let words: [String]
        switch raw {
        case .text(let text): words = text.split { $0 == " " || $0 == "," }.map(String.init)
        case .integer(let number): words = [String(number)]
        case .fraction(let number): words = [String(number)]
        case .list(let values):
            words = values.map {
                switch $0 {
                case .integer(let number): String(number)
                case .fraction(let number): String(number)
                case .text(let text): text
                default: "?"
                }
            }
        default: throw .notAllowed
        }
        if let count, words.count != count { throw .notAllowed }
        var texts: [String] = []
        for word in words {
            guard let number = Double(word), fractions || Int64(word) != nil,
                number >= Double(range.lowerBound), number <= Double(range.upperBound)
            else { throw .notAllowed }
            // As Redis tells them: whoever asks for 50.0 looks for p50 in INFO.
            texts.append(fractions ? Decimal.shortText(number, places: 6) : word)
        }
        return texts.joined(separator: " ")
    }

    private static func mode(_ raw: RawValue) throws(ValueProblem) -> Int64 {
        let digits: String
        switch raw {
        // Redis writes 700 and means octal; TOML's 0o700 arrives as its value and can't be told apart, so a plain
        // number counts as its digits.
        case .integer(let number): digits = String(number)
        case .text(let text): digits = text.hasPrefix("0o") ? String(text.dropFirst(2)) : text
        default: throw .notAllowed
        }
        guard let bits = Int64(digits, radix: 8), (0...0o777).contains(bits) else { throw .notAllowed }
        return bits
    }

    private static func secret(_ raw: RawValue) throws(ValueProblem) -> Secret {
        if case .bytes(let bytes) = raw { return Secret(bytes: bytes) }
        guard case .text(let text) = raw else { throw .notAllowed }
        guard text != Secret.redacted else {
            throw ValueProblem(reason: "\(Secret.redacted) stands for a secret that is not shown and is not one itself")
        }
        return Secret(text)
    }

    /// The canonical spelling of a word, with the synonyms that the original Redistill and Redis use for levels.
    private static func word(_ text: String, of words: [String]) -> String? {
        let lower = text.lowercased()
        if let word = words.first(where: { $0.lowercased() == lower }) { return word }
        guard words == LogLevelName.all else { return nil }
        return LogLevelName.synonyms[lower]
    }

    private static func adjust(
        _ number: Int64, to range: ClosedRange<Int64>, spell: (Int64) -> String
    ) -> Reading {
        if range.contains(number) { return Reading(.integer(number)) }
        let nearest = number < range.lowerBound ? range.lowerBound : range.upperBound
        return Reading(.integer(nearest), note: "\(spell(number)) counts as \(spell(nearest))")
    }

    private static func powerOfTwo(_ number: Int64, in range: ClosedRange<Int64>) throws(ValueProblem) -> Reading {
        guard range.contains(number) else { throw .notAllowed }
        let rounded = number.nonzeroBitCount <= 1 ? number : 1 << (64 - Int64(number.leadingZeroBitCount))
        return Reading(
            .integer(rounded), note: rounded == number ? nil : "\(number) is rounded up to the power of two \(rounded)")
    }
}
