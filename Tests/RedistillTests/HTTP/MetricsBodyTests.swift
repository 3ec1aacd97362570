import CRedistillHot
import Redistill
import Testing

@Suite struct MetricsBodyTests {
    private let lines = MetricsBody.text(of: snapshot()).split(separator: "\n").map(String.init)

    @Test func everyMetricHasHelpAndTypeBeforeItsSamples() {
        var declared: Set<String> = []
        for line in lines {
            let words = line.split(separator: " ")
            if line.hasPrefix("# HELP ") {
                #expect(words.count > 3)
            } else if line.hasPrefix("# TYPE ") {
                #expect(declared.insert(String(words[2])).inserted, "\(line)")
            } else {
                let name = line.prefix { $0 != "{" && $0 != " " }
                #expect(declared.contains(String(name)), "\(line)")
                #expect(words.count >= 2 && Double(words[words.count - 1]) != nil, "\(line)")
            }
        }
    }

    @Test func countersAreNamedTotalAndGaugesAreNot() {
        for line in lines where line.hasPrefix("# TYPE ") {
            let words = line.split(separator: " ")
            #expect(words[2].hasSuffix("_total") == (words[3] == "counter"), "\(line)")
        }
    }

    @Test func openMetricsNamesFamiliesUnitsAndTheEnd() throws {
        let text = MetricsBody.text(of: try fullSnapshot(), in: .openMetrics)
        for part in [
            "# TYPE redistill_cpu_seconds counter\n# UNIT redistill_cpu_seconds seconds\n# HELP redistill_cpu_seconds ",
            "\nredistill_cpu_seconds_total{mode=\"system\"} 1.5", "# TYPE redistill_build info\n",
            "\nredistill_build_info{", "# UNIT redistill_memory_used_bytes bytes\n",
            "# TYPE redistill_command_duration_seconds histogram\n",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(text.hasSuffix("\n# EOF\n"))
    }

    @Test func aScriptsErrorCodeCannotBreakALine() {
        var hostile = snapshot()
        hostile.errors = [HotErrorCount(code: "A\"B\\C\nD", replies: 1)]
        #expect(MetricsBody.text(of: hostile).contains("{code=\"A\\\"B\\\\C\\nD\"} 1\n"))
    }

    @Test(arguments: [
        "redistill_up 1", "redistill_ready 1", "redistill_writes_refused_total 0",
        "redistill_config_last_reload_successful 1", "redistill_connections_active 3", "redistill_connections_rejected_total{reason=\"rate\"} 2",
        "redistill_commands_processed_total 1000", "redistill_memory_used_bytes 1048576",
        "redistill_keys 10", "redistill_cpu_seconds_total{mode=\"system\"} 1.500000",
        "redistill_eviction_policy_info{policy=\"allkeys-s3fifo\"} 1",
    ])
    func sampleIsThere(line: String) {
        #expect(lines.contains(line))
    }
}
