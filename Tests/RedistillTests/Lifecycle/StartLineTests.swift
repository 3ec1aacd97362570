import Redistill
import Testing

@Suite struct StartLineTests {
    @Test func lineNamesWhatAnOperatorLooksFor() throws {
        #expect(
            StartLine.text(of: snapshot(), endpoints: ["127.0.0.1:6379"])
                == "Redistill \(Version.redistill) ready on 127.0.0.1:6379: 2 workers, 256 shards, no memory limit, no config file"
        )
        let unasked = StartLine.text(of: snapshot(try configuration()), endpoints: ["a:1"])
        #expect(unasked.hasSuffix("256 shards, memory limit 6143mb (75% of this machine, allkeys-s3fifo), no config file"))
        let configuration = try configuration(
            toml: "[memory]\nmax_memory = \"512mb\"\n",
            flags: ["health_check_port": "8080", "health_check_bind": "::1"])
        #expect(
            StartLine.text(of: snapshot(configuration), endpoints: ["a:1", "b:2"])
                == "Redistill \(Version.redistill) ready on a:1, b:2: 2 workers, 256 shards, "
                + "memory limit 512mb (allkeys-s3fifo), health on ::1:8080, config test.toml")
    }

    @Test func lineIsARecordAmongOthersOfJSON() {
        #expect(StartLine.output("ready", in: .text, at: "t") == "ready\n")
        #expect(
            StartLine.output("ready", in: .json, at: "t")
                == "{\"time\":\"t\",\"level\":\"notice\",\"message\":\"ready\"}\n")
    }
}
