/// Decides whether a user and password are right.
package struct Authenticator: Sendable {
    /// Nil when no password is configured: then everybody is `default`.
    private let password: PasswordDigest?

    package init(password secret: Secret) {
        password = secret.isEmpty ? nil : PasswordDigest(of: secret)
    }

    /// Whether a client may go on. The only user is `default`, as in Redis without an ACL.
    package func accepts(user: RawSpan, password given: RawSpan) -> Bool {
        // The digest is taken for any user, so that a wrong name takes as long as a wrong password.
        let isRight = password.map { $0.matches(given) } ?? true
        return Self.isDefaultUser(user) && isRight
    }

    private static func isDefaultUser(_ user: RawSpan) -> Bool {
        user.withUnsafeBytes { $0.elementsEqual("default".utf8) }
    }
}
