import Redistill
import Testing

private let sha = "30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4"  // of "pw"

@Suite struct UserReaderTests {
    private func users(_ toml: String, files: [String: String] = [:]) throws -> [UserAccount] {
        try configuration(toml: toml, files: files).users.accounts
    }

    @Test func passwordMayBeItselfItsDigestOrInAFile() throws {
        let forms = ["password = \"pw\"", "password_sha256 = \"\(sha.uppercased())\"", "password_file = \"pw.txt\""]
        let read = try forms.map {
            try users("[[users]]\nname = \"app\"\nrole = \"write\"\n\($0)\n", files: ["pw.txt": "pw\nmore\n"])
        }
        #expect(Set(read.map { $0.map(\.password?.hexadecimal) }) == [[sha]])
    }

    @Test func everythingIsReadInItsOrder() throws {
        let users = try users(
            """
            [server]
            databases = 4
            [[users]]
            name = "b"
            password = ""
            role = "admin"
            keys = ["x", "*"]
            [[users]]
            name = "a"
            password = "pw"
            role = "read"
            keys = ["app:*", "shared"]
            databases = [3, 0, 3]
            """)
        #expect(
            users == [
                UserAccount(name: "b", password: nil, role: .admin),
                UserAccount(
                    name: "a", password: PasswordHash(hexadecimal: sha), role: .read, keys: ["app:*", "shared"],
                    databases: [0, 3]),
            ])
    }

    @Test(arguments: [
        ("role = \"read\"\npassword = \"\"", "test.toml:1: users: a user of [[users]] has no name; write name = \"...\""),
        ("name = \"a b\"\nrole = \"read\"\npassword = \"\"",
         "test.toml:2: users: name: \"a b\" is not allowed; it takes 1 to 64 letters of ASCII without spaces"),
        ("name = \"default\"\nrole = \"read\"\npassword = \"\"",
         "test.toml:2: users: name: \"default\" has its password in [security], as password or password_file; take it out of "
             + "[[users]]"),
        ("name = \"a\"\npassword = \"\"", "test.toml:1: users: a: there is no role; write role = and one of \"read\", \"write\" or \"admin\""),
        ("name = \"a\"\nrole = \"wite\"\npassword = \"\"",
         "test.toml:3: users: a: role: \"wite\" is not allowed; it takes \"read\", \"write\" or \"admin\"; did you mean \"write\"?"),
        ("name = \"a\"\nrole = \"read\"",
         "test.toml:1: users: a: there is no password; write password_file = \"...\", password_sha256 = \"...\" or password = "
             + "\"...\", or password = \"\" for a user whom anybody may be"),
        ("name = \"a\"\nrole = \"read\"\npassword = \"x\"\npassword_file = \"y\"",
         "test.toml:4: users: a: password: password_file is set as well; keep one of them"),
        ("name = \"a\"\nrole = \"read\"\npassword_sha256 = \"abc\"",
         "test.toml:4: users: a: password_sha256: this value is not allowed; it takes 64 hexadecimal digits, as sha256sum "
             + "writes them"),
        ("name = \"a\"\nrole = \"read\"\npassword_file = \"gone\"",
         "test.toml:4: users: a: password_file: cannot read \"gone\": No such file or directory"),
        ("name = \"a\"\nrole = \"read\"\npassword = \"\"\nkeys = []",
         "test.toml:5: users: a: keys: [] is not allowed; it takes patterns, such as [\"app:*\"]; leave it out for all keys"),
        ("name = \"a\"\nrole = \"read\"\npassword = \"\"\ndatabases = [1, 300]",
         "test.toml:5: users: a: databases: 300 is no database; they are numbers from 0"),
        ("name = \"a\"\nrole = \"read\"\npassword = \"\"\ndatabases = [16]",
         "test.toml:1: users: a: databases: there is no database 16: databases is 16"),
        ("name = \"a\"\nrole = \"read\"\npasword = \"\"\npassword = \"\"",
         "test.toml:4: users: pasword: unknown key \"pasword\" in [[users]]; did you mean \"password\"?"),
    ])
    func messageNamesLineKeyAndWhatToWrite(table: String, message: String) {
        #expect(problems(toml: "[[users]]\n\(table)\n") == [message])
    }

    @Test func secondUserOfANameIsRefusedWithThePlaceOfTheFirst() {
        let user = "[[users]]\nname = \"a\"\nrole = \"read\"\npassword = \"\"\n"
        #expect(problems(toml: user + user) == ["test.toml:6: users: a: name: \"a\" is there already, at test.toml:1; one has to go"])
    }

    @Test func noMoreThan128AreTaken() {
        let users = (0...128).map { "[[users]]\nname = \"u\($0)\"\nrole = \"read\"\npassword = \"\"\n" }.joined()
        #expect(problems(toml: users) == ["test.toml:513: users: u128: there are more than 128 users"])
    }

    @Test func sectionInPlaceOfTablesIsExplained() {
        let wanted = "users are tables: write [[users]] above name, role and what else there is of each"
        #expect(problems(toml: "[users]\nname = \"a\"\n").allSatisfy { $0.contains("users") })
        #expect(problems(toml: "users = \"a\"\n") == ["test.toml:1: users: \(wanted)"])
    }

    @Test func passwordIsNeverShown() throws {
        let configuration = try configuration(toml: "[[users]]\nname = \"a\"\nrole = \"read\"\npassword = \"hunter2\"\nkeys = [\"k:*\"]\n")
        let text = ConfigurationText.effective(configuration) + "\(configuration.users)" + String(reflecting: configuration.users)
        #expect(!text.contains("hunter2") && text.contains("[[users]]  # test.toml:1\nname = \"a\"\n# password: set, <redacted>\n"))
    }

    @Test func whatIsUnwiseIsNoted() throws {
        let open = try notes(toml: "[[users]]\nname = \"a\"\nrole = \"admin\"\npassword = \"\"\n")
        #expect(open.contains { $0.hasPrefix("password: there are users, and default needs no password") })
        #expect(open.contains { $0.hasPrefix("test.toml:1: users: a: password: any password is right") })
        let shut = try notes(toml: "[security]\npassword = \"p\"\n[[users]]\nname = \"a\"\nrole = \"admin\"\npassword = \"x\"\n")
        #expect(shut == [])
    }
}

@Suite struct UserReloadTests {
    private let user = "[[users]]\nname = \"a\"\nrole = \"read\"\npassword = \"x\"\n"

    @Test func usersThatNoSourceSaysAnyMoreAreNotLostBySilence() throws {
        func loses(_ new: String) throws -> Bool {
            ReloadGuard.losesUsers(from: try configuration(toml: user), to: try configuration(toml: new))
        }
        #expect(try loses("") && loses("[server]\n"))
        #expect(try !loses("users = []\n") && !loses(user) && !loses(user.replacing("\"a\"", with: "\"b\"")))
    }

    @Test func sameUserWithAnotherPasswordMayDoTheSame() throws {
        let accounts = try ["\"x\"", "\"y\""].map {
            try configuration(toml: "[[users]]\nname = \"a\"\nrole = \"read\"\npassword = \($0)\n").users.accounts[0]
        }
        #expect(accounts[0] != accounts[1])
    }
}
