import Testing

@testable import Redistill

@Suite struct RedisDefaultUserTests {
    @Test func passwordOfTheDefaultUserIsTaken() throws {
        let result = imported("user default on >pw ~* +@all\nbind 0.0.0.0\nprotected-mode no\n")
        #expect(try configuration(toml: result.toml).secret(.password) == Secret("pw"))
        #expect(result.losses.isEmpty)
    }

    @Test func userLineCountsAndRequirepassNoMore() throws {
        let result = imported("requirepass old\nuser default on nopass ~* &* +@all\n")
        #expect(try configuration(toml: result.toml).secret(.password).isEmpty)
        #expect(result.losses.isEmpty)
    }

    @Test(arguments: [
        ("on #5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8 ~* +@all", "SHA-256 only"),
        ("off ~* +@all", "lets nobody in"), ("off nopass ~* +@all", "lets nobody in"), ("on ~* +@all", "Redis had or may"),
    ])
    func whereNoPasswordCanBeTakenOnlyThisMachineIsServed(rules: String, reason: String) throws {
        let result = imported("user default \(rules)\nprotected-mode no\n")
        #expect(result.losses.contains { $0.kind == .security && $0.reason.contains(reason) })
        let configuration = try configuration(toml: result.toml)
        #expect(configuration.secret(.password).isEmpty)
        #expect(configuration[.protectedMode].value == .flag(true) && configuration[.protectedMode].origin != .builtIn)
    }

    @Test(arguments: [
        ("on >pw ~cache:* +@all", "some commands and keys only"), ("on >pw ~* +@all -@dangerous", "some commands and keys only"),
        ("on >a >b ~* +@all", "one password here"), ("on >a ~* +@all reset on >a ~* +@read", "some commands and keys only"),
    ])
    func whatTheDefaultUserMayNotDoIsLost(rules: String, reason: String) {
        let reasons = imported("user default \(rules)\n").losses.map(\.reason)
        #expect(reasons.count == 1 && reasons[0].contains(reason))
    }

    @Test func usersOfTheACLFileAreRead() throws {
        let result = imported("aclfile users.acl\n", files: ["users.acl": "user default on >pw ~* +@all\nuser bob on nopass\n"])
        #expect(try configuration(toml: result.toml).secret(.password) == Secret("pw"))
        #expect(result.losses.map(\.directive) == ["user bob"])
        let wrong = imported("aclfile users.acl\n", files: ["users.acl": "user default on >pw ~* +@all\nusr bob on nopass\n"])
        #expect(wrong.losses.contains { $0.kind == .security && $0.directive == "usr" })
        let gone = imported("aclfile gone.acl\nprotected-mode no\n")
        #expect(try configuration(toml: gone.toml).flag(.protectedMode))
    }
}
