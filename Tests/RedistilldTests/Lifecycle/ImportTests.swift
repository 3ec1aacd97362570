import Foundation
import Testing

/// `redistilld import`, as an operator calls it.
@Suite struct ImportTests {
    private func run(import path: String, _ flags: [String] = []) throws -> (end: ChildProcess.End, output: String, errors: String) {
        let result = try RedistilldTests.run(Daemon.executable, ["import", path] + flags)
        return (result.end, result.output, result.errors)
    }

    @Test func lostProtectionIsNoSuccessUnlessForced() throws {
        let path = try ScratchDirectory.file("requirepass hush\nrename-command FLUSHALL \"\"\n", named: "redis.conf")
        let refused = try run(import: path)
        #expect(refused.end == .exited(2))
        #expect(refused.output.contains("# Security, lost:\n# - \(path):2: rename-command: FLUSHALL"))
        #expect(refused.errors.hasPrefix("Security, lost:\n  \(path):2: rename-command: FLUSHALL"))
        #expect(refused.errors.contains("-o FILE") && refused.errors.contains("--force"))
        let forced = try run(import: path, ["--force"])
        #expect(forced.end == .exited(0) && forced.output == refused.output)
    }

    @Test func whatHasNoMeaningIsOneLineAndNoFailure() throws {
        let path = try ScratchDirectory.file("maxmemory 1gb\nsave \"\"\nrdbcompression yes\nhz 10\nreplica-priority 3\nset-proc-title yes\n", named: "redis.conf")
        let result = try run(import: path)
        #expect(result.end == .exited(0))
        #expect(result.errors == "\(path): 3 lines have no meaning here\n")
    }

    @Test func fileIsForItsOwnerOnlyAndStartsTheDaemon() throws {
        let path = try ScratchDirectory.file("bind 127.0.0.1 -::1\nuser default on >hush ~* +@all\n", named: "redis.conf")
        let output = try ScratchDirectory.file("old", mode: 0o644)
        #expect(try run(import: path, ["-o", output]).end == .exited(0))
        let mode = try FileManager.default.attributesOfItem(atPath: output)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let client = try Daemon(["--config", output]).connect()
        #expect(try client.ask("PING").hasPrefix("-NOAUTH"))
        #expect(try client.ask("AUTH", "hush") == "+OK\r\n")
    }

    @Test func includedFilesAreReadFromTheWorkingDirectoryAndByPattern() throws {
        let directory = try ScratchDirectory.make()
        for (name, text) in ["b.conf": "port 2\n", "a.conf": "port 1\nmaxclients 7\n"] {
            try text.write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
        }
        let path = try ScratchDirectory.file("include \(directory)/*.conf\n", named: "redis.conf")
        let result = try run(import: path)
        #expect(result.output.contains("\nport = 2\n") && result.output.contains("\nmax_connections = 7\n"))
    }

    @Test func aTOMLFileIsRefused() throws {
        let path = try ScratchDirectory.file("[server]\nport = 1\n")
        let result = try run(import: path)
        #expect(result.end == .exited(1) && result.output == "")
        #expect(result.errors == "redistilld: \"\(path)\" is a TOML file, no Redis configuration: use it as it is, with --config\n")
    }

    @Test func whatCannotBeReadOrWrittenIsNamed() throws {
        let missing = try run(import: "/nowhere/redis.conf")
        #expect(missing.end == .exited(1))
        #expect(missing.errors == "redistilld: cannot read \"/nowhere/redis.conf\": No such file or directory\n")
        let path = try ScratchDirectory.file("port 1\n", named: "redis.conf")
        let unwritten = try run(import: path, ["-o", "/nowhere/redistill.toml"])
        #expect(unwritten.end == .exited(1))
        let itself = try run(import: path, ["-o", path])
        #expect(itself.end == .exited(1) && itself.errors.contains("is the file to import itself"))
        #expect(try ScratchDirectory.read(path) == "port 1\n")
        #expect(unwritten.errors == "redistilld: cannot write \"/nowhere/redistill.toml\": No such file or directory\n")
    }
}
