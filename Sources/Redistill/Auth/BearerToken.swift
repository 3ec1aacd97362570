extension Authenticator {
    /// The token of the HTTP port.
    package struct Token: Sendable {
        private let digest: PasswordDigest?

        /// - Parameter secret: The token; without one every request is accepted.
        package init(_ secret: Secret) {
            digest = secret.isEmpty ? nil : PasswordDigest(of: secret)
        }

        /// Whether one is asked for.
        package var isSet: Bool { digest != nil }

        /// Whether an `Authorization` header carries the token: as a bearer token, or as the password of anybody, since a
        /// browser can say no other.
        package func accepts(authorization: ByteText?) -> Bool {
            guard let digest else { return true }
            guard let given = authorization.flatMap({ Self.given(in: $0.bytes) }) else { return false }
            return digest.matches(given.span.bytes)
        }

        private static func given(in header: [UInt8]) -> [UInt8]? {
            let parts = header.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            switch ByteText(parts[0]).shown.lowercased() {
            case "bearer": return Array(parts[1])
            case "basic":
                guard let pair = Base64.decode(Array(parts[1])), let colon = pair.firstIndex(of: UInt8(ascii: ":"))
                else { return nil }
                return Array(pair[(colon + 1)...])
            default: return nil
            }
        }
    }
}
