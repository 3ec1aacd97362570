internal import COpenSSL

/// A password in a form that can be compared in constant time.
///
/// Both sides are hashed to the same size with a key of this process, so neither the length nor a common prefix of a
/// guess shows in the time that the comparison takes; the time to hash depends only on the guess itself.
package struct PasswordDigest: Sendable {
    private static let size = 32
    private let key: [UInt8]
    private let digest: [UInt8]

    package init(of secret: Secret) {
        var key = [UInt8](repeating: 0, count: Self.size)
        // Without random bytes the key is known, and the comparison is still one of full digests.
        _ = RAND_bytes(&key, Int32(key.count))
        self.key = key
        digest = Self.digest(of: secret.bytes.span.bytes, key: key)
    }

    /// Whether the password is the same.
    package func matches(_ password: RawSpan) -> Bool {
        let other = Self.digest(of: password, key: key)
        return CRYPTO_memcmp(digest, other, Self.size) == 0
    }

    private static func digest(of bytes: RawSpan, key: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: size)
        bytes.withUnsafeBytes { buffer in
            let start = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            let result = HMAC(EVP_sha256(), key, Int32(key.count), start, buffer.count, &digest, nil)
            precondition(result != nil, "OpenSSL offers no SHA-256")
        }
        return digest
    }
}
