import Testing

@testable import Redistill

@Suite struct RedisUserTests {
    private let sha = "30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4"  // of "pw"

    private func accounts(_ rules: String) throws -> [UserAccount] {
        let result = imported("user default on >x ~* +@all\nuser app \(rules)\n")
        #expect(result.losses.isEmpty)
        return try configuration(toml: result.toml).users.accounts
    }

    @Test(arguments: [
        ("on >pw ~app:* -@all +@read", UserAccount.Role.read, ["app:*"]),
        ("on >pw ~app:* +@read +@connection +ping +info", .read, ["app:*"]),
        ("on >pw allkeys +@all -@write -@dangerous", .read, []),
        ("on >pw ~a:* ~b:* +@read +@write", .write, ["a:*", "b:*"]),
        ("on >pw ~* &* +@all -@dangerous -@admin -flushall -config", .write, []),
        ("on >pw %RW~a:* resetchannels +@all -@dangerous +info +keys", .write, ["a:*"]),
        ("on >pw ~* +@all", .admin, []), ("off >old on resetpass >pw allkeys allcommands", .admin, []),
    ])
    func rulesOfARoleBecomeAUser(rules: String, role: UserAccount.Role, keys: [String]) throws {
        #expect(
            try accounts(rules) == [
                UserAccount(name: "app", password: PasswordHash(hexadecimal: sha), role: role, keys: keys)
            ])
    }

    @Test func digestsDatabasesAndNoPasswordAreTaken() throws {
        #expect(try accounts("on #\(sha) ~* +@read db=0,3").first?.databases == [0, 3])
        #expect(try accounts("on #\(sha) ~* +@read").first?.password == PasswordHash(hexadecimal: sha))
        let open = try #require(try accounts("on nopass ~* +@read").first)
        #expect(open.password == nil)
    }

    @Test func whoCanNotLogInThereIsLeftOut() throws {
        #expect(try accounts("off >pw ~* +@all") == [])
        #expect(try accounts("on ~* +@all") == [])
    }

    @Test(arguments: [
        ("on >pw ~* +get +set", "no role here has \"+get\""), ("on >pw ~* +@all -@scripting", "no role here has \"-@scripting\""),
        ("on >pw ~* +@all -@admin", "its categories of commands are no role here"), ("on >pw ~*", "no whole category"),
        ("on >pw +@read", "it may touch no key"), ("on >pw %R~a:* ~b +@read", "no role here has \"%R~a:*\""),
        ("on >pw ~a +@read (+set ~b)", "no role here has \"(+set\""), ("on >pw ~* +@all -keys", "no role here has \"-keys\""),
        ("on >pw ~* +@write", "its categories of commands are no role here"),
        ("on >pw ~a resetdbs +@all", "it may touch no database"), ("on >pw ~a db=300 -@all +@read", "no role here has \"db=300\""),
        ("on >pw ~a %R~b:* -@all +@read", "no role here has \"%R~b:*\""),
        ("on >pw ~a +@read +select|0", "no role here has \"+select|0\""),
    ])
    func whatNoRoleSaysIsLostAndTheUserIsLeftOut(rules: String, reason: String) throws {
        let result = imported("user default on >x ~* +@all\nuser app \(rules)\n")
        let loss = try #require(result.losses.first)
        #expect(loss.kind == .security && loss.directive == "user app" && loss.reason.contains(reason))
        #expect(loss.reason.hasSuffix("it is left out, so app can't log in"))
        #expect(try configuration(toml: result.toml).users.accounts == [])
    }

    @Test func ofSeveralPasswordsTheLastIsTakenAndTheOthersAreLost() throws {
        let result = imported("user default on >x ~* +@all\nuser app on >other >pw ~* +@read\n")
        #expect(result.losses.map(\.reason) == ["a user has one password here: of its passwords only the last works"])
        #expect(try configuration(toml: result.toml).users.accounts.map(\.password) == [PasswordHash(hexadecimal: sha)])
        #expect(!result.toml.contains("other"))
    }
}
