import Redistill
import Testing

@Suite struct ConfigSetTests {
    private func set(_ arguments: String..., in configuration: Configuration = Configuration()) throws -> Configuration
    {
        try ConfigSet.apply(arguments.map { ByteText($0) }, to: configuration, on: machine)
    }

    private func refusal(_ arguments: [String]) -> String? {
        do throws(ConfigSet.Refusal) {
            _ = try ConfigSet.apply(arguments.map { ByteText($0) }, to: Configuration(), on: machine)
            return nil
        } catch {
            return error.reply.text
        }
    }

    @Test func bothNamesSetTheSameKey() throws {
        #expect(try set("maxmemory", "100mb").integer(.maxMemory) == 100 << 20)
        #expect(try set("max_memory", "100mb")[.maxMemory] == .init(value: .integer(100 << 20), origin: .command))
        #expect(try set("MAXMEMORY", "50%").integer(.maxMemory) == (8 << 30) / 100 * 50)
    }

    @Test func severalAreSetTogether() throws {
        let configuration = try set(
            "maxmemory", "1mb", "maxmemory-policy", "allkeys-lru", "timeout", "5", "protected-mode", "no")
        #expect(configuration.integer(.maxMemory) == 1 << 20)
        #expect(configuration.text(.evictionPolicy) == "allkeys-lru")
        #expect(configuration.integer(.connectionTimeout) == 5000)
        #expect(!configuration.flag(.protectedMode))
    }

    /// As from a file: otherwise CONFIG REWRITE and a reload would turn refused writes into evictions.
    @Test func limitWithoutAPolicyMeansTheSameFromEverySource() throws {
        let limited = try set("maxmemory", "100mb")
        #expect(limited[.evictionPolicy] == (try configuration(flags: ["max_memory": "100mb"]))[.evictionPolicy])
        #expect(try set("maxmemory", "0", in: limited)[.evictionPolicy] == Configuration()[.evictionPolicy])
        let named = try set("maxmemory-policy", "noeviction")
        #expect(try set("maxmemory", "100mb", in: named).text(.evictionPolicy) == "noeviction")
    }

    @Test func numbersThatMeanNothingHereAreKeptAndShown() throws {
        let configuration = try set("stream-node-max-entries", "7", "HZ", "100")
        #expect(
            ConfigGet.reply(patterns: ["stream-node-*", "hz"], configuration, .init(workers: 1)) == .map([
                .init("hz", "100"), .init("stream-node-max-bytes", "4096"), .init("stream-node-max-entries", "7"),
            ]))
        #expect(refusal(["hz", "often"])?.contains("'hz'") == true)
    }

    @Test func percentilesAreToldInRedissSpelling() throws {
        let configuration = try set("latency-tracking-info-percentiles", "50.0 99.90 5e1 0.001 100")
        #expect(configuration.text(.latencyPercentiles) == "50 99.9 50 0.001 100")
        #expect(try set("latency-tracking-info-percentiles", "").text(.latencyPercentiles).isEmpty)
        #expect(refusal(["latency-tracking-info-percentiles", "nan"]) != nil)
    }

    @Test func payloadsCanOnlyBeLookedThrough() throws {
        let configuration = try set("sanitize-dump-payload", "yes")
        #expect(
            ConfigGet.reply(patterns: ["sanitize-*"], configuration, .init(workers: 1))
                == .map([.init("sanitize-dump-payload", "yes")]))
        #expect(refusal(["sanitize-dump-payload", "no"]) != nil)
    }

    @Test func passwordCanBeSetAndTakenAway() throws {
        let protected = try set("requirepass", "hunter2")
        #expect(protected.secret(.password) == Secret("hunter2"))
        #expect(try set("requirepass", "", in: protected).secret(.password).isEmpty)
    }

    @Test func passwordIsBytes() throws {
        let bytes: [UInt8] = [0xff, 0xfe, 0, 0x61]
        let changed = try ConfigSet.apply(["requirepass", ByteText(bytes)], to: Configuration(), on: machine)
        #expect(changed.secret(.password) == Secret(bytes: bytes))
        let authenticator = Authenticator(password: changed.secret(.password))
        func accepts(_ password: [UInt8]) -> Bool {
            authenticator.accepts(user: Array("default".utf8).span.bytes, password: password.span.bytes)
        }
        #expect(accepts(bytes))
        #expect(!accepts(Array(String(decoding: bytes, as: UTF8.self).utf8)))
    }

    @Test func whatIsNoTextIsNoOtherValueAndNoName() {
        let bytes = ByteText([0x61, 0xff])
        func reply(_ arguments: [ByteText]) -> [UInt8]? {
            do throws(ConfigSet.Refusal) {
                _ = try ConfigSet.apply(arguments, to: Configuration(), on: machine)
                return nil
            } catch { return error.reply.bytes }
        }
        #expect(reply(["tls-ciphers", bytes]) == Array("ERR CONFIG SET failed (possibly related to argument 'tls-ciphers') - it is not UTF-8 text".utf8))
        #expect(reply([bytes, "1"]) == Array("ERR Unknown option or number of arguments for CONFIG SET - 'a".utf8) + [0xff] + Array("'".utf8))
    }

    @Test func outputLimitsAreReadAsRedisWritesThem() throws {
        let configuration = try set("client-output-buffer-limit", "normal 2mb 1mb 10 replica 0 0 0")
        #expect(configuration.integer(.outputBufferLimit) == 2 << 20)
        #expect(configuration.integer(.outputBufferSoftLimit) == 1 << 20)
        #expect(configuration.integer(.outputBufferSoftTime) == 10_000)
    }

    @Test func fixedParameterTakesItsOwnValue() throws {
        #expect(try set("save", "", "appendonly", "no") == Configuration())
    }

    @Test(arguments: [
        (["foo", "1"], "ERR Unknown option or number of arguments for CONFIG SET - 'foo'"),
        (["maxmemory", "x", "Foo", "1"], "ERR Unknown option or number of arguments for CONFIG SET - 'Foo'"),
        (
            ["maxmemory", "x"],
            "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value"
        ),
        (
            ["maxmemory", "-1"],
            "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value"
        ),
        (
            ["maxclients", "abc"],
            "ERR CONFIG SET failed (possibly related to argument 'maxclients') - argument couldn't be parsed into an integer"
        ),
        (
            ["timeout", "-1"],
            "ERR CONFIG SET failed (possibly related to argument 'timeout') - argument must be between 0 and 31536000 inclusive"
        ),
        (
            ["timeout", "99999999999"],
            "ERR CONFIG SET failed (possibly related to argument 'timeout') - argument must be between 0 and 31536000 inclusive"
        ),
        (
            ["Protected-Mode", "maybe"],
            "ERR CONFIG SET failed (possibly related to argument 'Protected-Mode') - argument must be 'yes' or 'no'"
        ),
        (
            ["tls-auth-clients", "x"],
            "ERR CONFIG SET failed (possibly related to argument 'tls-auth-clients') - argument(s) must be one of the following: no, optional, yes"
        ),
        (["port", "1"], "ERR CONFIG SET failed (possibly related to argument 'port') - can't set immutable config"),
        (
            ["databases", "3"],
            "ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config"
        ),
        (
            ["logfile", "/tmp/x"],
            "ERR CONFIG SET failed (possibly related to argument 'logfile') - can't set protected config"
        ),
        (
            ["maxmemory", "2", "maxmemory", "3"],
            "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - duplicate parameter"
        ),
        (["bind", "1", "2"], "ERR syntax error"),
        ([], "ERR syntax error"),
        (
            ["client-output-buffer-limit", "foo"],
            "ERR CONFIG SET failed (possibly related to argument 'client-output-buffer-limit') - Wrong number of arguments in buffer limit configuration."
        ),
        (
            ["client-output-buffer-limit", "foo 1 1 1"],
            "ERR CONFIG SET failed (possibly related to argument 'client-output-buffer-limit') - Invalid client class specified in buffer limit configuration."
        ),
        (
            ["client-output-buffer-limit", "normal 1 1 x"],
            "ERR CONFIG SET failed (possibly related to argument 'client-output-buffer-limit') - Error in hard, soft or soft_seconds setting in buffer limit configuration."
        ),
        (
            ["timeout", "7", "maxmemory-policy", "lru"],
            "ERR CONFIG SET failed (possibly related to argument 'maxmemory-policy') - argument(s) must be one of the following: "
                + EvictionPolicy.names.joined(separator: ", ")
        ),
    ])
    func refusalsHaveRedissWords(arguments: [String], text: String) {
        #expect(refusal(arguments) == text)
    }

    @Test func redactedMarkIsNotTakenForAPassword() {
        #expect(refusal(["requirepass", "<redacted>"])?.hasPrefix("ERR CONFIG SET failed") == true)
    }
}
