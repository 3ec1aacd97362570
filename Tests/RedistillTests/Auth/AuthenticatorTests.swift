import Redistill
import Testing

@Suite struct AuthenticatorTests {
    private func accepts(_ secret: String, user: String, password: String) -> Bool {
        let user = Array(user.utf8)
        let password = Array(password.utf8)
        return Authenticator(password: Secret(secret)).accepts(user: user.span.bytes, password: password.span.bytes)
    }

    @Test(arguments: [
        ("hunter2", "default", "hunter2", true),
        ("hunter2", "default", "hunter", false),
        ("hunter2", "default", "hunter22", false),
        ("hunter2", "default", "", false),
        ("hunter2", "Default", "hunter2", false),
        ("hunter2", "admin", "hunter2", false),
        ("hunter2", "", "hunter2", false),
        ("", "default", "anything", true),
        ("", "admin", "anything", false),
        ("pass\u{0}word", "default", "pass\u{0}word", true),
        ("pass\u{0}word", "default", "pass", false),
    ])
    func onlyDefaultWithTheRightPasswordIsAccepted(secret: String, user: String, password: String, accepted: Bool) {
        #expect(accepts(secret, user: user, password: password) == accepted)
    }

    @Test(arguments: [
        ("app", "pw", true), ("app", "other", false), ("app", "", false), ("open", "anything", true), ("nobody", "pw", false),
        ("default", "pw", false), ("default", "hunter2", true), ("app", "hunter2", false), ("App", "pw", false),
    ])
    func eachUserHasAPasswordOfItsOwn(user: String, password: String, accepted: Bool) {
        let users = [
            UserAccount(name: "app", password: PasswordHash(of: Array("pw".utf8)), role: .read),
            UserAccount(name: "open", password: nil, role: .read),
        ]
        let (name, given) = (Array(user.utf8), Array(password.utf8))
        let authenticator = Authenticator(password: Secret("hunter2"), users: users)
        #expect(authenticator.accepts(user: name.span.bytes, password: given.span.bytes) == accepted)
    }

    @Test func longPasswordsAreComparedWhole() {
        let long = String(repeating: "x", count: 100_000)
        #expect(accepts(long, user: "default", password: long))
        #expect(!accepts(long, user: "default", password: String(long.dropLast()) + "y"))
    }

    @Test(arguments: [
        ("Bearer token", true), ("bearer token", true), ("Bearer token ", false), ("Bearer", false), ("token", false),
        ("Basic token", false), (nil, false),
    ])
    func bearerTokenMustBeWhole(header: String?, accepted: Bool) {
        #expect(Authenticator.Token(Secret("token")).accepts(authorization: header.map { ByteText($0) }) == accepted)
    }

    /// The pairs are "any:token", ":token", "any:to:ken", "token", "any:Token".
    @Test(arguments: [
        ("token", "Basic YW55OnRva2Vu", true), ("token", "basic OnRva2Vu", true), ("to:ken", "Basic YW55OnRvOmtlbg==", true),
        ("token", "Basic dG9rZW4=", false), ("token", "Basic YW55OlRva2Vu", false), ("token", "Basic ", false),
        ("token", "Basic YW55OnRva2V", false), ("token", "Basic YW55OnRva2Vu ", false), ("token", "Basic ====", false),
        ("token", "Basic YW55OnRva2Vu\u{ff}\u{ff}", false),
    ])
    func aBrowserSaysTheTokenAsAPassword(token: String, header: String, accepted: Bool) {
        #expect(Authenticator.Token(Secret(token)).accepts(authorization: ByteText(header)) == accepted)
    }

    @Test func bearerTokenIsBytes() {
        let token: [UInt8] = [0x61, 0xff]
        let check = Authenticator.Token(Secret(bytes: token))
        #expect(check.accepts(authorization: ByteText(Array("Bearer ".utf8) + token)))
        #expect(!check.accepts(authorization: ByteText("Bearer a\u{fffd}")))
    }

    @Test func withoutTokenEveryRequestIsAccepted() {
        #expect(Authenticator.Token(.none).accepts(authorization: nil))
    }
}
