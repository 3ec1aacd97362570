internal import COpenSSL

/// Base64 as RFC 4648 has it, with padding.
enum Base64 {
    /// The bytes, or nil when the text is none of Base64.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard !text.isEmpty, text.count % 4 == 0, padding <= 2 else { return nil }
        // OpenSSL's passes over blanks at the ends.
        guard !text.contains(where: { $0 <= UInt8(ascii: " ") }) else { return nil }
        var bytes = [UInt8](repeating: 0, count: text.count / 4 * 3)
        guard EVP_DecodeBlock(&bytes, text, Int32(text.count)) == bytes.count else { return nil }
        return Array(bytes.dropLast(padding))
    }

    static func encode(_ bytes: [UInt8]) -> String {
        // It writes a terminator, too.
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }
}
