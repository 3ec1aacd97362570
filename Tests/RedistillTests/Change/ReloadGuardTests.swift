import Redistill
import Testing

@Suite struct ReloadGuardTests {
    private func lost(_ old: String, _ new: String, after changes: [ByteText] = []) throws -> [String] {
        let before = try ConfigSet.apply(changes.isEmpty ? ["save", ""] : changes, to: configuration(toml: old), on: machine)
        return ReloadGuard.lost(from: before, to: try configuration(toml: new)).map(\.rawValue)
    }

    @Test func anEmptyFileLosesAllThatProtects() throws {
        #expect(
            try lost(guardedConfiguration, "") == ["password", "health_token", "tls_auth_clients", "tls_min_version", "max_memory"])
    }

    @Test func aCutFileLosesItsEnd() throws {
        #expect(try lost(guardedConfiguration, "[security]\npassword = \"p\"\nhealth_token = \"t\"\ntls_auth_clients = \"optional\"\n")
            == ["tls_min_version", "max_memory"])
    }

    @Test func whatTheFileSaysIsDone() throws {
        let weak = "[security]\npassword = \"\"\nhealth_token = \"\"\ntls_auth_clients = \"no\"\ntls_min_version = \"1.2\"\n"
            + "[memory]\nmax_memory = 0\n"
        #expect(try lost(guardedConfiguration, weak) == [])
    }

    @Test func whatWasNeverThereCanNotBeLost() throws {
        #expect(try lost("", "") == [])
        #expect(try lost("[security]\nprotected_mode = false\n", "") == [])
        #expect(try lost("[server]\nmax_connections = 5\n", "") == [])
    }

    /// A file that was cut behind a user's role.
    @Test func limitsOfAUserGoOnlyByAWord() throws {
        let user = "[[users]]\nname = \"app\"\npassword = \"pw\"\nrole = \"write\"\n"
        let limited = try configuration(toml: user + "keys = [\"app:*\"]\ndatabases = [0]\n")
        #expect(
            ReloadGuard.widened(from: limited, to: try configuration(toml: user)) == [
                "users: app: keys", "users: app: databases",
            ])
        let said = try configuration(toml: user + "keys = [\"*\"]\ndatabases = [\"*\"]\n")
        #expect(ReloadGuard.widened(from: limited, to: said).isEmpty)
        #expect(said.users.accounts == (try configuration(toml: user)).users.accounts)
        #expect(ReloadGuard.widened(from: limited, to: try configuration(toml: "users = []\n")).isEmpty)
    }

    @Test func aDefaultThatFollowsTheMachineMayChange() throws {
        func limit(_ machine: UInt64) throws -> Configuration {
            var sources = sources(toml: "")
            sources.machine = MachineMemory(total: machine, groupLimit: nil)
            return try ConfigurationLoader.load(sources).configuration
        }
        #expect(try ReloadGuard.lost(from: limit(8 << 30), to: limit(4 << 30)).isEmpty)
    }

    @Test func whatConfigSetProtectedIsNotLostEither() throws {
        #expect(try lost("", "", after: ["requirepass", "p", "maxmemory", "64mb"]) == ["password", "max_memory"])
        #expect(try lost("", "", after: ["requirepass", "", "maxmemory", "0"]) == [])
    }
}
