import CHotProbe
import CRedistillHot
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("*", ""), ("*", "anything"), ("", ""), ("abc", "abc"), ("a?c", "abc"), ("a*", "a"), ("*c", "abc"),
        ("a*c", "ac"), ("a*b*c", "aXbYc"), ("**", "x"), ("h[ae]llo", "hallo"), ("h[^e]llo", "hallo"),
        ("h[a-c]llo", "hbllo"), ("h[c-a]llo", "hbllo"), ("h\\*llo", "h*llo"), ("h\\?", "h?"), ("[\\]]", "]"),
        ("[a", "a"), ("[^", "x"), ("a\\", "a\\"), ("[a-", "a"), ("[a-", "-"), ("*[0-9]", "key7"), ("[-a]", "-"),
        ("?", "\u{0}"), ("a\u{0}*", "a\u{0}b"),
    ])
    func matches(pattern: String, key: String) {
        #expect(match(bytes(pattern), bytes(key)))
    }

    @Test(arguments: [
        ("", "a"), ("abc", "abd"), ("abc", "ab"), ("a?c", "ac"), ("?", ""), ("a*c", "abd"), ("h[^e]llo", "hello"),
        ("h[a-c]llo", "hdllo"), ("h\\*llo", "hxllo"), ("[]", "x"), ("[]a", "a"), ("[", "["), ("a\\", "a"), ("A", "a"),
    ])
    func doesNotMatch(pattern: String, key: String) {
        #expect(!match(bytes(pattern), bytes(key)))
    }

    @Test func caseIsIgnoredOnlyWhenAsked() {
        #expect(match(bytes("MaxM*"), bytes("maxmemory"), ignoreCase: true))
        #expect(match(bytes("[A-C]x"), bytes("bX"), ignoreCase: true))
        #expect(!match(bytes("MaxM*"), bytes("maxmemory")))
    }

    /// Redis's own way took exponential time here (CVE-2022-36021).
    @Test func manyStarsTakeNoLongerThanPatternTimesText() {
        let stars = [UInt8](repeating: 0, count: 2000).indices.map { $0 % 2 == 0 ? UInt8(0x61) : 0x2a }
        let key = [UInt8](repeating: 0x61, count: 20_000)
        let clock = ContinuousClock()
        let spent = clock.measure { #expect(!match(stars + bytes("b"), key)) }
        #expect(spent < .seconds(5))
    }

    @Test func agreesWithAPlainMatcherOnRandomPatterns() {
        var random = SeededRandom(seed: 3), matched = 0
        for _ in 0..<50_000 {
            let pattern = (0..<random.below(7)).map { _ in Array("ab*?".utf8)[random.below(4)] }
            let key = (0..<random.below(7)).map { _ in Array("ab".utf8)[random.below(2)] }
            let expected = plainMatch(pattern[...], key[...])
            #expect(match(pattern, key) == expected)
            matched += expected ? 1 : 0
        }
        #expect(matched > 1000)
    }

    @Test func anyBytesNeverReadPastTheEnd() {
        var random = SeededRandom(seed: 4)
        let telling = Array("[]^-*?\\a".utf8)
        let pattern = probe_guard_new(64), key = probe_guard_new(64)
        defer { probe_guard_free(pattern); probe_guard_free(key) }
        for _ in 0..<50_000 {
            let patternBytes = (0..<random.below(10)).map { _ in telling[random.below(telling.count)] }
            let keyBytes = (0..<random.below(10)).map { _ in telling[random.below(telling.count)] }
            let placed = (
                withSlice(patternBytes) { probe_guard_place(pattern, $0.bytes, $0.length) },
                withSlice(keyBytes) { probe_guard_place(key, $0.bytes, $0.length) }
            )
            _ = rd_glob_match(
                rd_slice(bytes: placed.0, length: patternBytes.count), rd_slice(bytes: placed.1, length: keyBytes.count), false)
        }
    }

    private func match(_ pattern: [UInt8], _ key: [UInt8], ignoreCase: Bool = false) -> Bool {
        withSlice(pattern) { pattern in withSlice(key) { rd_glob_match(pattern, $0, ignoreCase) } }
    }

    private func plainMatch(_ pattern: ArraySlice<UInt8>, _ key: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return key.isEmpty }
        if first == 0x2a {
            return plainMatch(pattern.dropFirst(), key) || (!key.isEmpty && plainMatch(pattern, key.dropFirst()))
        }
        guard let letter = key.first, first == 0x3f || first == letter else { return false }
        return plainMatch(pattern.dropFirst(), key.dropFirst())
    }
}
