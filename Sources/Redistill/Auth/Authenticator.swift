/// Decides whether a user and password are right.
package struct Authenticator: Sendable {
    /// Nil when no password is configured: then everybody is `default`.
    private let password: PasswordDigest?
    private let users: [(name: [UInt8], password: PasswordHash?)]

    /// - Parameters:
    ///   - secret: The password of `default`; none where it needs none.
    ///   - users: Those beside it.
    package init(password secret: Secret, users: [UserAccount] = []) {
        password = secret.isEmpty ? nil : PasswordDigest(of: secret)
        self.users = users.map { (Array($0.name.utf8), $0.password) }
    }

    /// Whether a client may go on.
    ///
    /// A wrong name takes as long as a wrong password: both digests are taken of any, and compared with those of all users.
    package func accepts(user: RawSpan, password given: RawSpan) -> Bool {
        let isRight = password.map { $0.matches(given) } ?? true
        var isAccepted = Self.isSame(user, "default".utf8) && isRight
        guard !users.isEmpty else { return isAccepted }
        let hash = PasswordHash(of: given)
        for other in users {
            let isRight = other.password.map { $0.matches(hash) } ?? true
            if Self.isSame(user, other.name) && isRight { isAccepted = true }
        }
        return isAccepted
    }

    private static func isSame(_ name: RawSpan, _ other: some Sequence<UInt8>) -> Bool {
        name.withUnsafeBytes { $0.elementsEqual(other) }
    }
}
