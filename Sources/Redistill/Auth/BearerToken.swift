extension Authenticator {
    /// The bearer token of the HTTP port.
    package struct Token: Sendable {
        private let digest: PasswordDigest?

        /// - Parameter secret: The token; without one every request is accepted.
        package init(_ secret: Secret) {
            digest = secret.isEmpty ? nil : PasswordDigest(of: secret)
        }

        /// Whether an `Authorization` header carries the token.
        package func accepts(authorization: ByteText?) -> Bool {
            guard let digest else { return true }
            guard let bytes = authorization?.bytes, ByteText(bytes.prefix(7)).text?.lowercased() == "bearer "
            else { return false }
            let given = Array(bytes.dropFirst(7))
            return digest.matches(given.span.bytes)
        }
    }
}
