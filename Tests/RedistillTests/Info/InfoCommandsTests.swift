import Redistill
import Testing

/// The sections about commands.
@Suite struct InfoCommandsTests {
    private let withCommands: InfoSnapshot = {
        var snapshot = snapshot()
        snapshot.commands = sampleCommands
        snapshot.errors = [HotErrorCount(code: "ERR", replies: 5)]
        return snapshot
    }()

    @Test func commandsAreShownAsRedisDoes() {
        #expect(
            InfoText.text(of: withCommands, sections: ["commandstats", "errorstats"])
                == "# Commandstats\r\n"
                + "cmdstat_get:calls=100,usec=123,usec_per_call=1.23,rejected_calls=3,failed_calls=2\r\n"
                + "cmdstat_client|kill:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0\r\n\r\n"
                + "# Errorstats\r\nerrorstat_ERR:count=5\r\n")
    }

    @Test func percentilesAreTheEndsOfBuckets() {
        // Bucket 3 ends at 128 ns, bucket 40 at 4608 ns.
        #expect(
            InfoText.text(of: withCommands, sections: ["latencystats"])
                == "# Latencystats\r\nlatency_percentiles_usec_get:p50=0.128,p99=0.128,p99.9=4.608\r\n")
    }

    @Test func histogramOfMetricsIsCumulative() {
        let text = MetricsBody.text(of: withCommands)
        for line in [
            "redistill_command_duration_seconds_bucket{command=\"get\",le=\"0.000001024\"} 99",
            "redistill_command_duration_seconds_bucket{command=\"get\",le=\"0.000004096\"} 99",
            "redistill_command_duration_seconds_bucket{command=\"get\",le=\"0.000016384\"} 100",
            "redistill_command_duration_seconds_bucket{command=\"get\",le=\"+Inf\"} 100",
            "redistill_command_duration_seconds_sum{command=\"get\"} 0.000123456",
            "redistill_command_duration_seconds_count{command=\"get\"} 100",
            "redistill_commands_rejected_total{command=\"client|kill\"} 1",
            "redistill_errors_total{code=\"ERR\"} 5",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }
}
