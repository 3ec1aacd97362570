internal import CRedistillHot

/// Redis's glob match; stands for `rd_glob_match`.
package enum Glob {
    package static func matches(_ text: String, pattern: String, ignoringCase: Bool) -> Bool {
        var text = text
        var pattern = pattern
        return pattern.withUTF8 { pattern in
            text.withUTF8 { text in rd_glob_match(slice(pattern), slice(text), ignoringCase) }
        }
    }

    /// The same of bytes, whose case counts.
    static func matches(_ text: ByteText, pattern: ByteText) -> Bool {
        text.bytes.withUnsafeBufferPointer { text in
            pattern.bytes.withUnsafeBufferPointer { rd_glob_match(slice($0), slice(text), false) }
        }
    }

    private static func slice(_ bytes: UnsafeBufferPointer<UInt8>) -> rd_slice {
        rd_slice(
            bytes: UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self), length: bytes.count)
    }
}
