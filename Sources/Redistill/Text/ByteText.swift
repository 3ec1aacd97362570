/// Bytes that a client, a file or the environment gave, and that need not be text.
package struct ByteText: Sendable, Hashable, ExpressibleByStringLiteral {
    package let bytes: [UInt8]

    package init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    package init(stringLiteral text: String) {
        self.init(text)
    }

    /// The text, or nil when the bytes are not UTF-8.
    package var text: String? { String(validating: bytes, as: UTF8.self) }

    /// For showing and for names that are known: what is not UTF-8 becomes a replacement character.
    package var shown: String { String(decoding: bytes, as: UTF8.self) }
}
