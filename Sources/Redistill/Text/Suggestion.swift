/// Guesses what a misspelt name was meant to be.
package enum Suggestion {
    /// The candidate nearest to `text`, if it is near enough to be worth naming.
    package static func nearest(to text: String, among candidates: [String]) -> String? {
        let wanted = normal(text)
        let scored = candidates.map { (name: $0, distance: distance(wanted, normal($0))) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, wanted.count / 3) ? best.name : nil
    }

    /// The number of single-letter edits (insert, delete, replace, swap of neighbours) between two texts.
    package static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.unicodeScalars)
        let b = Array(right.unicodeScalars)
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var beforePrevious = [Int](repeating: 0, count: b.count + 1)
        var previous = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + [Int](repeating: 0, count: b.count)
            for j in 1...b.count {
                row[j] = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    row[j] = min(row[j], beforePrevious[j - 2] + 1)
                }
            }
            (beforePrevious, previous) = (previous, row)
        }
        return previous[b.count]
    }

    /// Letters in lower case, without the signs that only separate words, so `maxmemory` finds `max_memory`.
    private static func normal(_ text: String) -> String {
        text.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." }
    }
}
