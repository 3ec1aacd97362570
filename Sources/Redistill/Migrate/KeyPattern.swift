/// Which keys are meant, by Redis's glob.
struct KeyPattern {
    let glob: ByteText?

    /// What all of them begin with, for tracking by prefix.
    var prefix: ByteText {
        guard let glob else { return "" }
        return ByteText(glob.bytes.prefix { !"*?[\\".utf8.contains($0) })
    }

    func matches(_ key: ByteText) -> Bool {
        guard let glob else { return true }
        return Glob.matches(key, pattern: glob)
    }
}
