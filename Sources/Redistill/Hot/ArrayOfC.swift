extension String {
    /// The text of an array of C's characters, which ends at a zero byte.
    init<Characters>(arrayOfC characters: Characters) {
        self = withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
