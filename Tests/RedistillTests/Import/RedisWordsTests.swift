import Testing

@testable import Redistill

@Suite struct RedisWordsTests {
    @Test(arguments: [
        ("a  b\tc", ["a", "b", "c"]), ("", []), ("\"a b\" 'c d'", ["a b", "c d"]), ("\"\"", [""]),
        ("\"\\x41\\n\\\\\\q\"", ["A\n\\q"]), ("'it\\'s \\n'", ["it's \\n"]), ("a\"b", ["a\"b"]),
    ])
    func wordsAreSplitAsRedisSplitsThem(line: String, words: [String]) {
        #expect(RedisWords.split(line[...])?.map(\.text) == words)
    }

    @Test(arguments: ["\"a", "'a", "\"a\"b", "\"a\\\""])
    func openQuotesAreAnError(line: String) {
        #expect(RedisWords.split(line[...]) == nil)
    }
}
