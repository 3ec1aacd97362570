import CHotProbe
import CRedistillHot
import Testing

/// A user for the table; its password is "pw".
private struct User {
    var name: String
    var role = RD_ROLE_WRITE
    var keys: [String] = []
    var databases: [UInt32] = []
}

private func list(_ users: [User]) throws -> OpaquePointer {
    let list = try #require(rd_user_list_new())
    for user in users {
        try #require(withSlice(user.name) { rd_user_list_add(list, $0, user.role, true) } == RD_OK)
        for key in user.keys { try #require(withSlice(key) { rd_user_list_add_key(list, $0) } == RD_OK) }
        for database in user.databases { try #require(rd_user_list_add_database(list, database) == RD_OK) }
    }
    return list
}

private func withSlice<Result>(_ text: String, _ body: (rd_slice) -> Result) -> Result {
    bytes(text).withUnsafeBytes { body(rd_slice(bytes: $0.bindMemory(to: CChar.self).baseAddress, length: $0.count)) }
}

@Suite struct UserTests {
    private let noKey = "-NOPERM No permissions to access a key\r\n"

    private func server(
        workers: UInt32 = 1, scripts: Scripts? = nil, _ users: User..., settings: [(rd_setting, Int64)] = []
    ) throws -> Server {
        let server = try Server(.init(workers: workers, scripts: scripts, settings: settings))
        rd_server_set_users(server.handle, try list(users))
        return server
    }

    private func login(_ server: Server, _ name: String) throws -> Client {
        let client = try server.connect()
        client.ask(bytes("AUTH \(name) pw\r\n"), "+OK\r\n")
        return client
    }

    private func noCommand(_ user: String, _ command: String) -> String {
        "-NOPERM User \(user) has no permissions to run the '\(command)' command\r\n"
    }

    @Test func readerReadsAndNothingElse() throws {
        let server = try server(User(name: "eve", role: RD_ROLE_READ)), client = try login(server, "eve")
        client.ask(bytes("GET k\r\nPING\r\nMULTI\r\nEXEC\r\nKEYS *\r\n"), "$-1\r\n+PONG\r\n+OK\r\n*0\r\n*0\r\n")
        for command in ["SET k v", "DEL k", "FLUSHALL", "FLUSHDB", "CONFIG GET x", "CLIENT LIST", "MONITOR", "ACL LIST", "SHUTDOWN"] {
            let words = command.lowercased().split(separator: " ")
            let isSub = ["config", "client", "acl"].contains(String(words[0]))
            client.ask(bytes(command + "\r\n"), noCommand("eve", isSub ? "\(words[0])|\(words[1])" : String(words[0])))
        }
        #expect(server.statistics.denied_commands == 9)
    }

    @Test func writerWritesButDoesNotAdminister() throws {
        let server = try server(User(name: "app")), client = try login(server, "app")
        client.ask(bytes("SET k v\r\nFLUSHDB\r\nGET k\r\n"), "+OK\r\n+OK\r\n$-1\r\n")
        for command in ["flushall", "monitor", "save", "role"] { client.ask(bytes(command + "\r\n"), noCommand("app", command)) }
    }

    @Test func keysOfOthersAreOutOfReach() throws {
        let server = try server(User(name: "app", keys: ["app:*", "x?"])), client = try login(server, "app")
        client.ask(bytes("SET app:1 v\r\nSET xy v\r\nMSET app:2 v app:3 v\r\n"), "+OK\r\n+OK\r\n+OK\r\n")
        for command in [
            "GET other", "SET other v", "MGET app:1 other", "MSET app:1 v other v", "RENAME app:1 other", "COPY other app:9",
            "OBJECT ENCODING other", "MEMORY USAGE other", "WATCH other", "MSETEX 2 app:1 v other v", "RANDOMKEY", "FLUSHDB",
            "EVAL x 1 other", "LCS app:1 other", "BITOP NOT app:1 other", "EXISTS app:1 app:2 other", "GET x",
        ] {
            client.ask(bytes(command + "\r\n"), noKey)
        }
        #expect(server.statistics.denied_keys == 17)
    }

    @Test func keysAndScanShowOnlyTheUsersKeys() throws {
        let server = try server(User(name: "app", role: RD_ROLE_READ, keys: ["app:*"])), all = try server.connect()
        for number in 0..<50 { all.ask(bytes("SET app:\(number) v\r\nSET other:\(number) v\r\n"), "+OK\r\n+OK\r\n") }
        let client = try login(server, "app")
        client.ask(bytes("KEYS other:*\r\n"), "*0\r\n")
        client.ask(bytes("KEYS app:7\r\n"), "*1\r\n$5\r\napp:7\r\n")
        client.send(bytes("SCAN 0 COUNT 1000\r\n"))
        let reply = String(decoding: try #require(client.receiveReply()), as: UTF8.self)
        #expect(reply.contains("*50\r\n") && !reply.contains("other"))
    }

    @Test func databasesOfOthersAreOutOfReach() throws {
        let server = try server(User(name: "app", role: RD_ROLE_ADMIN, databases: [1, 3])), client = try login(server, "app")
        let refused = "-NOPERM No permissions to access database\r\n"
        client.ask(bytes("GET k\r\nSELECT 2\r\nSELECT 1\r\nSET k v\r\n"), refused + refused + "+OK\r\n+OK\r\n")
        for command in ["COPY k k DB 2", "MOVE k 2", "SWAPDB 1 2", "FLUSHALL"] { client.ask(bytes(command + "\r\n"), refused) }
        client.ask(bytes("COPY k k DB 3\r\nSWAPDB 1 3\r\nMOVE k 999\r\n"), ":1\r\n+OK\r\n-ERR DB index is out of range\r\n")
        client.ask(bytes("MULTI\r\nSELECT 3\r\nGET k\r\nEXEC\r\n"), "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n$1\r\nv\r\n")
        client.ask(bytes("RESET\r\nAUTH app pw\r\nMULTI\r\nGET k\r\n"), "+RESET\r\n+OK\r\n+OK\r\n+QUEUED\r\n")
        client.send(bytes("EXEC\r\n"))
        #expect(String(decoding: try #require(client.receiveReply()), as: UTF8.self).contains("no permission to access the database"))
        #expect(server.statistics.denied_databases == 7)
    }

    @Test func refusedCommandSpoilsItsTransaction() throws {
        let server = try server(User(name: "eve", role: RD_ROLE_READ)), client = try login(server, "eve")
        client.ask(
            bytes("MULTI\r\nGET k\r\nSET k v\r\nEXEC\r\n"),
            "+OK\r\n+QUEUED\r\n" + noCommand("eve", "set") + "-EXECABORT Transaction discarded because of previous errors.\r\n")
    }

    @Test func whatWasQueuedIsAskedForAgainAsWhoeverItIsThen() throws {
        let server = try server(User(name: "app"), User(name: "eve", role: RD_ROLE_READ)), client = try login(server, "app")
        client.ask(bytes("MULTI\r\nSET a 1\r\nAUTH eve pw\r\nSET b 1\r\n"), "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n")
        client.ask(
            bytes("EXEC\r\n"),
            "*3\r\n+OK\r\n+OK\r\n-NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. "
                + "This command is no longer allowed for the following reason: no permission to execute the command or subcommand\r\n")
        client.ask(bytes("GET b\r\n"), "$-1\r\n")
    }

    @Test func largeValueIsNotKeptForWhoMayNotStoreIt() throws {
        let server = try server(User(name: "eve", role: RD_ROLE_READ), User(name: "app", keys: ["app:*"]))
        let value = [UInt8](repeating: 0x61, count: 8 << 20)
        let reader = try login(server, "eve"), writer = try login(server, "app")
        reader.ask(multibulk([bytes("SET"), bytes("k"), value]), piece: 100_000, bytes(noCommand("eve", "set")))
        writer.ask(multibulk([bytes("SET"), bytes("k"), value]), piece: 100_000, bytes(noKey))
        writer.ask(multibulk([bytes("SET"), bytes("app:k"), value]), piece: 100_000, bytes("+OK\r\n"))
        reader.ask(bytes("PING\r\n"), "+PONG\r\n")
        /* Who becomes another in the same pipeline is asked as that one. */
        reader.ask(multibulk("AUTH", "app", "pw") + multibulk([bytes("SET"), bytes("app:l"), value]), "+OK\r\n+OK\r\n")
    }

    @Test func resetIsDefaultAgainAndNeedsItsPassword() throws {
        let open = try server(User(name: "eve", role: RD_ROLE_READ)), client = try login(open, "eve")
        client.ask(bytes("RESET\r\nACL WHOAMI\r\nSET k v\r\n"), "+RESET\r\n$7\r\ndefault\r\n+OK\r\n")
        let shut = try server(User(name: "eve", role: RD_ROLE_READ), settings: [(RD_SET_AUTH_REQUIRED, 1)])
        try login(shut, "eve").ask(bytes("RESET\r\nGET k\r\n"), "+RESET\r\n-NOAUTH Authentication required.\r\n")
        try login(shut, "eve").ask(bytes("AUTH secret\r\nACL WHOAMI\r\n"), "+OK\r\n$7\r\ndefault\r\n")
    }

    @Test func helloLogsInAndWrongNamesAndPasswordsAreRefusedAlike() throws {
        let server = try server(User(name: "eve"), settings: [(RD_SET_AUTH_REQUIRED, 1)]), client = try server.connect()
        let wrong = "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
        client.ask(bytes("AUTH eve nope\r\nAUTH nobody pw\r\nHELLO 2 AUTH eve nope\r\n"), wrong + wrong + wrong)
        #expect(client.exchange(bytes("HELLO 2 AUTH eve pw\r\n"), wanted: 4).reply == bytes("*14\r"))
        #expect(server.statistics.auth_failures == 3)
    }

    @Test(arguments: [1, 3] as [UInt32])
    func connectionsOfUsersWhoAreGoneOrAnotherEnd(workers: UInt32) throws {
        let server = try server(workers: workers, User(name: "gone"), User(name: "kept", keys: ["k*"]), User(name: "changed"))
        let gone = try login(server, "gone"), kept = try login(server, "kept"), changed = try login(server, "changed")
        let other = try server.connect()
        other.ask(bytes("PING\r\n"), "+PONG\r\n")
        let next = try list([User(name: "changed", role: RD_ROLE_READ), User(name: "kept", keys: ["k*"])])
        rd_server_set_users(server.handle, next)
        #expect(gone.receiveToTheEnd() == [] && changed.receiveToTheEnd() == [])
        kept.ask(bytes("SET k v\r\n"), "+OK\r\n")
        other.ask(bytes("PING\r\n"), "+PONG\r\n")
        rd_server_set_users(server.handle, nil)
        #expect(kept.receiveToTheEnd() == [])
        other.ask(bytes("ACL USERS\r\n"), "*1\r\n$7\r\ndefault\r\n")
    }

    @Test func clientsAreListedAndKilledByUser() throws {
        let server = try server(User(name: "app")), client = try login(server, "app"), all = try server.connect()
        client.ask(bytes("ACL WHOAMI\r\n"), "$3\r\napp\r\n")
        all.send(bytes("CLIENT LIST\r\n"))
        let lines = String(decoding: try #require(all.receiveReply()), as: UTF8.self)
        #expect(lines.contains(" user=app ") && lines.contains(" user=default "))
        all.ask(bytes("CLIENT KILL USER nobody\r\nCLIENT KILL USER app\r\n"), "-ERR No such user 'nobody'\r\n:1\r\n")
        #expect(client.receiveToTheEnd() == [])
    }

    @Test func rulesAreToldAsRedisWritesThem() throws {
        let server = try server(
            User(name: "r", role: RD_ROLE_READ, keys: ["a:*", "b"], databases: [0, 12]), User(name: "a", role: RD_ROLE_ADMIN))
        let client = try server.connect()
        let lines = [
            "user default on nopass ~* &* +@all",
            "user r on #(redacted) ~a:* ~b resetchannels db=0,12 +@all -@write -@dangerous +info +keys -randomkey",
            "user a on #(redacted) ~* resetchannels +@all",
        ]
        client.ask(bytes("ACL LIST\r\n"), "*3\r\n" + lines.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined())
        client.ask(bytes("ACL GETUSER nobody\r\n"), "$-1\r\n")
        client.send(bytes("ACL GETUSER r\r\n"))
        let reply = String(decoding: try #require(client.receiveReply()), as: UTF8.self)
        #expect(reply.contains("~a:* ~b") && reply.contains("db=0,12") && reply.contains("(redacted)"))
        client.ask(
            bytes("ACL DRYRUN r SET a:1 v\r\nACL DRYRUN r GET c\r\nACL DRYRUN r SELECT 5\r\nACL DRYRUN r GET b\r\n"),
            ["User r has no permissions to run the 'set' command", "User r has no permissions to access the 'c' key",
             "User r has no permissions to access database 5"].map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined() + "+OK\r\n")
        for command in ["SETUSER x on", "DELUSER r", "LOAD", "SAVE"] {
            client.send(bytes("ACL \(command)\r\n"))
            #expect(String(decoding: try #require(client.receiveReply()), as: UTF8.self).contains("[[users]]"))
        }
    }

    @Test func logOfDenialsHasEachOnceWithItsNumber() throws {
        let server = try server(User(name: "eve", role: RD_ROLE_READ, keys: ["e*"])), client = try login(server, "eve")
        client.ask(bytes("SET e 1\r\nSET e 1\r\nGET x\r\nMULTI\r\nSET e 1\r\nDISCARD\r\n"),
                   noCommand("eve", "set") + noCommand("eve", "set") + noKey + "+OK\r\n" + noCommand("eve", "set") + "+OK\r\n")
        client.ask(bytes("AUTH eve nope\r\n"), "-WRONGPASS invalid username-password pair or user is disabled.\r\n")
        let all = try server.connect()
        func log(_ count: String = "") throws -> String {
            all.send(bytes("ACL LOG\(count)\r\n"))
            return String(decoding: try #require(all.receiveReply()), as: UTF8.self)
        }
        let text = try log()
        #expect(text.hasPrefix("*4\r\n*20\r\n$5\r\ncount\r\n:1\r\n$6\r\nreason\r\n$4\r\nauth\r\n"))
        #expect(text.contains("$5\r\ncount\r\n:2\r\n$6\r\nreason\r\n$7\r\ncommand\r\n$7\r\ncontext\r\n$8\r\ntoplevel\r\n"))
        #expect(text.contains("$3\r\nkey\r\n$7\r\ncontext\r\n$8\r\ntoplevel\r\n$6\r\nobject\r\n$1\r\nx\r\n"))
        #expect(text.contains("$5\r\nmulti\r\n") && text.contains(" user=eve "))
        #expect(try log(" 1").hasPrefix("*1\r\n"))
        all.ask(bytes("ACL LOG RESET\r\nACL LOG\r\n"), "+OK\r\n*0\r\n")
    }

    @Test func logOfDenialsKeepsTheLast() throws {
        let server = try server(User(name: "eve", role: RD_ROLE_READ, keys: ["e*"])), client = try login(server, "eve")
        for number in 0..<200 { client.ask(bytes("GET x\(number)\r\n"), noKey) }
        let all = try server.connect()
        all.send(bytes("ACL LOG 1000\r\n"))
        let text = String(decoding: try #require(all.receiveReply()), as: UTF8.self)
        #expect(text.hasPrefix("*128\r\n") && text.contains("\r\nx199\r\n") && !text.contains("\r\nx71\r\n"))
    }

    @Test func invalidationsOfOthersKeysAreNotTold() throws {
        let server = try server(User(name: "app", keys: ["app:*"])), client = try login(server, "app")
        client.ask(bytes("CLIENT TRACKING ON BCAST\r\nCLIENT TRACKING ON BCAST PREFIX ap\r\n"), noKey + noKey)
        client.ask(bytes("CLIENT TRACKING ON BCAST PREFIX app:1\r\n"), "+OK\r\n")
    }

    @Test func namesAndNumbersHaveBounds() throws {
        let list = try #require(rd_user_list_new())
        defer { rd_user_list_free(list) }
        #expect(rd_user_list_add_database(list, 0) == RD_ERR_STATE)
        for name in ["", "a b", "\u{e9}", String(repeating: "x", count: 65)] {
            #expect(withSlice(name) { rd_user_list_add(list, $0, RD_ROLE_READ, true) } == RD_ERR_INVALID)
        }
        for number in 0..<128 {
            #expect(withSlice("u\(number)") { rd_user_list_add(list, $0, RD_ROLE_READ, true) } == RD_OK)
        }
        #expect(withSlice("u1") { rd_user_list_add(list, $0, RD_ROLE_READ, true) } == RD_ERR_INVALID)
        #expect(withSlice("more") { rd_user_list_add(list, $0, RD_ROLE_READ, true) } == RD_ERR_LIMIT)
        #expect(rd_user_list_add_database(list, 256) == RD_ERR_INVALID)
        for _ in 0..<32 { #expect(withSlice("p") { rd_user_list_add_key(list, $0) } == RD_OK) }
        #expect(withSlice("p") { rd_user_list_add_key(list, $0) } == RD_ERR_LIMIT)
    }
}
