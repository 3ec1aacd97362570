import Foundation
import Testing

/// `--check-config` on this machine, and the start that it foretells.
@Suite struct CheckConfigTests {
    private func check(_ flags: [String]) throws -> (end: ChildProcess.End, output: String, errors: String) {
        try run(Daemon.executable, ["--check-config", "--max-memory", "64mb"] + flags)
    }

    /// Neither is valid, nor does the daemon start; both name the key, the value and what to write.
    private func expectRefusal(_ flags: [String], _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let checked = try check(flags)
        #expect(checked.end == .exited(78) && checked.output == "", sourceLocation: sourceLocation)
        let started = try run(Daemon.executable, ["--port", "0"] + flags)
        #expect(started.end == .exited(1) || started.end == .exited(78), sourceLocation: sourceLocation)
        for (text, errors) in [("check", checked.errors), ("start", started.errors)] {
            #expect(errors.split(separator: "\n").count == 1, "\(text): \(errors)", sourceLocation: sourceLocation)
            for part in parts { #expect(errors.contains(part), "\(text): \(errors)", sourceLocation: sourceLocation) }
        }
    }

    @Test func addressOfNoMachineIsRefused() throws {
        try expectRefusal(["--bind", "192.0.2.1"], ["--bind: ", "192.0.2.1", "Cannot assign requested address", "may be missing"])
        try expectRefusal(["--bind", "nonsense.invalid"], ["--bind: ", "nonsense.invalid"])
        try expectRefusal(
            ["--health-check-port", "1", "--health-check-bind", "192.0.2.1"], ["--health-check-bind: ", "192.0.2.1"])
        #expect(try check(["--bind", "127.0.0.1 -192.0.2.1 -::1"]).end == .exited(0))
        try expectRefusal(["--bind", "-192.0.2.1"], ["none of the addresses"])
    }

    @Test func socketPathThatCannotBeIsRefused() throws {
        let file = try ScratchDirectory.file("precious", named: "s")
        try expectRefusal(["--unix-socket", file], ["--unix-socket: ", file, "no socket", "another path"])
        #expect(try ScratchDirectory.read(file) == "precious")
        try expectRefusal(["--unix-socket", "/nowhere/s"], ["--unix-socket: ", "/nowhere/s", "No such file", "directory"])
    }

    @Test func logThatCannotBeWrittenIsRefused() throws {
        try expectRefusal(["--log-file", "/nowhere/log"], ["log", "/nowhere/log", "No such file"])
        let directory = try ScratchDirectory.make()
        let checked = try check(["--log-file", directory])
        #expect(checked.end == .exited(78) && checked.errors.contains("is a directory"))
        #expect(try check(["--log-file", directory + "/log"]).end == .exited(0))
        #expect(!FileManager.default.fileExists(atPath: directory + "/log"))
    }

    @Test func limitWithoutItsUnitIsRefused() throws {
        let checked = try run(Daemon.executable, ["--check-config", "--max-memory", "1"])
        #expect(checked.end == .exited(78))
        #expect(checked.errors.contains("--max-memory: 1 bytes hold nothing but refuse every write; write a unit, such as \"1gb\""))
    }

    @Test func portThatIsTakenIsToldByItsKey() throws {
        let daemon = try Daemon()
        let health = try run(Daemon.executable, ["--port", "0", "--health-check-port", "\(daemon.port)"])
        #expect(health.end == .exited(1))
        #expect(health.errors.contains("--health-check-port: cannot listen on 127.0.0.1 port \(daemon.port): "))
        #expect(health.errors.contains("another process has this port"))
        let plain = try run(Daemon.executable, ["--port", "\(daemon.port)"])
        #expect(plain.errors.contains("--port: cannot listen on 127.0.0.1 port \(daemon.port): "))
        // A running daemon's configuration can be checked.
        let checked = try check(["--port", "\(daemon.port)"])
        #expect(checked.end == .exited(0))
    }

    @Test func openDoorIsAWarning() throws {
        let open = ["--bind", "0.0.0.0", "--protected-mode", "false"]
        #expect(try check(open).output.contains("warning: --bind: without a password and without protected_mode anyone"))
    }

    @Test func secretThatOthersCanReadIsAWarning() throws {
        let file = try ScratchDirectory.file("[security]\npassword = \"x\"\n", mode: 0o644)
        let checked = try check(["--config", file])
        #expect(checked.end == .exited(0))
        #expect(checked.output.contains("warning: \(file):2: password: every user of this machine can read \"\(file)\"; "))
        #expect(checked.output.contains("chmod o= \(file)"))
        let own = try ScratchDirectory.file("[security]\npassword = \"x\"\n")
        #expect(try !check(["--config", own]).output.contains("every user"))
    }

    @Test func missingLimitIsAWarning() throws {
        let checked = try run(Daemon.executable, ["--check-config", "--max-memory", "0"])
        #expect(checked.end == .exited(0))
        #expect(checked.output.contains("warning: --max-memory: there is no limit"))
        #expect(try !run(Daemon.executable, ["--check-config"]).output.contains("no limit"))
    }

    @Test func addressesGivenPieceByPieceAllCount() throws {
        let daemon = try Daemon(["--bind", "127.0.0.2", "--bind", "127.0.0.1"])
        #expect(daemon.startLine.contains(" ready on 127.0.0.2:") && daemon.startLine.contains(", 127.0.0.1:"))
    }

    @Test func otherFlagGivenTwiceIsNoted() throws {
        let checked = try check(["--workers", "3", "--workers=2"])
        #expect(checked.output.contains("note: --workers: given more than once; the last counts: \"2\"\n"))
    }

    @Test func theFileCanBeNamedInShort() throws {
        let file = try ScratchDirectory.file("[server]\nport = 1\n")
        #expect(try check(["-c", file]).output.hasSuffix("\(file): valid\n"))
    }

    @Test(arguments: [
        (["--password", "s3cret"], "--password-file", "REDISTILL_PASSWORD"), (["--requirepass=s3cret"], "--password-file", "REDISTILL_PASSWORD"),
        (["--health-token", "s3cret"], "--health-token-file", "REDISTILL_HEALTH_TOKEN"),
    ])
    func secretOnTheCommandLineIsToldWhereItBelongs(flags: [String], file: String, variable: String) throws {
        let result = try run(Daemon.executable, flags)
        #expect(result.end == .exited(64))
        for part in [file, variable, "can read the command line"] { #expect(result.errors.contains(part), "\(result.errors)") }
        #expect(!result.errors.contains("s3cret"))
    }
}
