internal import COpenSSL

/// The SHA-256 of a password, as Redis's ACL keeps it. Never shown.
package struct PasswordHash: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    static let size = 32
    private let bytes: [UInt8]

    /// Of a password.
    package init(of password: RawSpan) {
        var digest = [UInt8](repeating: 0, count: Self.size)
        password.withUnsafeBytes { buffer in
            let result = EVP_Digest(buffer.baseAddress, buffer.count, &digest, nil, EVP_sha256(), nil)
            precondition(result == 1, "OpenSSL offers no SHA-256")
        }
        bytes = digest
    }

    package init(of password: [UInt8]) {
        self.init(of: password.span.bytes)
    }

    /// 64 hexadecimal digits, in either case; nil for anything else.
    package init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.size else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// 64 digits, for a configuration file.
    package var hexadecimal: String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// In a time that tells nothing of either.
    func matches(_ other: PasswordHash) -> Bool {
        CRYPTO_memcmp(bytes, other.bytes, Self.size) == 0
    }

    package var description: String { Secret.redacted }
    package var debugDescription: String { Secret.redacted }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
