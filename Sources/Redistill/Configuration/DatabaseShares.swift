/// The shares of `max_memory` that belong to one database alone: `database_shares`, or `[[databases]]` of the file.
package struct DatabaseShares: Equatable, Sendable {
    /// In percent, by database; together at most 100.
    package let percents: [Int: UInt8]

    /// Reads "1:20% 3:5%", or a list of such.
    init(_ raw: RawValue) throws(ValueProblem) {
        let words: [Substring]
        switch raw {
        case .text(let text): words = text.split { $0 == " " || $0 == "," }
        case .list(let values):
            var texts: [Substring] = []
            for value in values {
                guard case .text(let text) = value else { throw .notAllowed }
                texts.append(text[...])
            }
            words = texts
        default: throw .notAllowed
        }
        var percents: [Int: UInt8] = [:]
        for word in words {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let database = Int(parts[0]), (0...255).contains(database), parts[1].hasSuffix("%"),
                let percent = UInt8(parts[1].dropLast()), (1...100).contains(percent)
            else { throw .notAllowed }
            guard percents.updateValue(percent, forKey: database) == nil else {
                throw ValueProblem(reason: "database \(database) has two shares")
            }
        }
        guard percents.values.reduce(0, { $0 + Int($1) }) <= 100 else {
            throw ValueProblem(reason: "together they are more than 100%")
        }
        self.percents = percents
    }

    /// The shares of a configuration.
    package init(in configuration: Configuration) {
        // What a configuration holds has been read before.
        percents = (try? DatabaseShares(.text(configuration.text(.databaseShares))))?.percents ?? [:]
    }

    /// As `database_shares` spells them, in the order of the databases.
    var text: String {
        percents.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)%" }.joined(separator: " ")
    }

    /// What does not fit the rest of a configuration, in words; nil when all does.
    func problem(in configuration: Configuration) -> String? {
        let count = Int(configuration.integer(.databases))
        if let database = percents.keys.sorted().first(where: { $0 >= count }) {
            return "there is no database \(database): databases is \(count)"
        }
        if percents.values.reduce(0, { $0 + Int($1) }) == 100, percents.count < count {
            return "100% leave nothing to the databases without a share"
        }
        return nil
    }
}
