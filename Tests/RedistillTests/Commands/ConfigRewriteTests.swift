import Foundation
import Testing

@testable import Redistill

@Suite struct ConfigRewriteTests {
    private func rewritten(_ toml: String, after arguments: [String]) throws -> String {
        let changed = try ConfigSet.apply(arguments.map { ByteText($0) }, to: try configuration(toml: toml), on: machine)
        return try ConfigRewrite.text(rewriting: toml, for: changed, on: machine)
    }

    private let toml = """
        # Ours.
        [server]
        port = 7000 # not the usual one
        max_connections = 5

        [memory]
        # enough
        max_memory = "1gb" # for now

        """

    @Test func commentsAndOrderAreKept() throws {
        #expect(
            try rewritten(toml, after: ["maxmemory", "2gb", "timeout", "300", "maxclients", "6", "loglevel", "debug"])
                == """
                # Ours.
                [server]
                port = 7000 # not the usual one
                max_connections = 6
                connection_timeout = 300

                [memory]
                # enough
                max_memory = "2gb" # for now

                [logging]
                level = "debug"

                """)
    }

    @Test func whatIsRewrittenMeansTheSameAfterAReload() throws {
        let changed = try ConfigSet.apply(["maxmemory", "2gb"], to: try configuration(toml: "[server]\n"), on: machine)
        let text = try ConfigRewrite.text(rewriting: "[server]\n", for: changed, on: machine)
        #expect(try configuration(toml: text).differences(from: changed).isEmpty)
    }

    @Test(arguments: ["0", "64mb", "50%"])
    func aLimitThatIsRewrittenComesBackAsItIs(limit: String) throws {
        let defaults = try configuration(toml: "[server]\n")
        let changed = try ConfigSet.apply(["maxmemory", ByteText(limit)], to: defaults, on: machine)
        let text = try ConfigRewrite.text(rewriting: "[server]\n", for: changed, on: machine)
        let reloaded = try configuration(toml: text)
        #expect(reloaded.differences(from: changed).isEmpty && reloaded[.maxMemory].value != defaults[.maxMemory].value)
        #expect(ReloadGuard.lost(from: changed, to: reloaded).isEmpty)
        // Without a word of the limit its default is not written down, so that it goes on following the machine.
        let other = try ConfigSet.apply(["timeout", "5"], to: defaults, on: machine)
        #expect(try !ConfigRewrite.text(rewriting: "[server]\n", for: other, on: machine).contains("max_memory"))
    }

    @Test func aLimitWithWhichNothingStartsIsNotWritten() {
        #expect(throws: ConfigRewrite.Refusal.self) { try rewritten("[server]\n", after: ["maxmemory", "512"]) }
    }

    @Test func nothingChangedLeavesTheFile() throws {
        #expect(try rewritten(toml, after: ["save", ""]) == toml)
    }

    @Test func passwordIsWrittenToAFileThatHasNoOther() throws {
        #expect(try rewritten("[security]\n", after: ["requirepass", "a\"b"]) == "[security]\npassword = \"a\\\"b\"\n")
    }

    @Test func passwordOfAFileOfItsOwnIsNotMovedHere() throws {
        let toml = "[security]\npassword_file = \"pw\"\n"
        let changed = try ConfigSet.apply(
            ["requirepass", "x"], to: try configuration(toml: toml, files: ["pw": "old"]), on: machine)
        #expect(
            throws: ConfigRewrite.Refusal(
                text: "ERR Rewriting config file: password comes from the file of password_file; write it there")
        ) { try ConfigRewrite.text(rewriting: toml, for: changed, on: machine) }
    }

    @Test(arguments: [[0xff, 0x61], [0x61, 0, 0x62]] as [[UInt8]])
    func passwordThatNoTOMLFileCanHoldIsRefusedByName(bytes: [UInt8]) throws {
        let changed = try ConfigSet.apply(
            ["requirepass", ByteText(bytes)], to: try configuration(toml: "[security]\n"), on: machine)
        #expect(
            throws: ConfigRewrite.Refusal(
                text: "ERR Rewriting config file: password holds bytes that no TOML file can; put it into a file of its own "
                    + "and name that in password_file")
        ) { try ConfigRewrite.text(rewriting: "[security]\n", for: changed, on: machine) }
    }

    @Test func whatACrashHasLeftIsInNobodysWay() throws {
        let folder = NSTemporaryDirectory() + "redistill-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "old".write(toFile: folder + "/file", atomically: true, encoding: .utf8)
        try "cut".write(toFile: folder + "/file.\(getpid()).new", atomically: true, encoding: .utf8)
        try FileReplacement.replace(folder + "/file", with: "new")
        #expect(try String(contentsOfFile: folder + "/file", encoding: .utf8) == "new")
    }

    @Test func withoutFileItIsRefused() throws {
        #expect(throws: ConfigRewrite.Refusal(text: "ERR The server is running without a config file")) {
            try ConfigRewrite.rewrite(Configuration(), on: machine)
        }
    }

    @Test func fileIsReplacedWithItsPermissionsAndThroughItsLink() throws {
        let folder = NSTemporaryDirectory() + "redistill-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "old".write(toFile: folder + "/real", atomically: true, encoding: .utf8)
        chmod(folder + "/real", 0o640)
        symlink("real", folder + "/link")
        try FileReplacement.replace(folder + "/link", with: "new")
        #expect(try String(contentsOfFile: folder + "/real", encoding: .utf8) == "new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "real")
        let mode = try FileManager.default.attributesOfItem(atPath: folder + "/real")[.posixPermissions] as? Int
        #expect(mode == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["link", "real"])
    }
}
