import Redistill
import Testing

@Suite struct TopRatesTests {
    private func snapshot(
        at second: Int64, run: String = "a", commands: Int, get: (calls: Int, usec: Int) = (0, 0),
        histogram: [Int64] = [], clients: String = ""
    ) -> TopSnapshot {
        let info = ServerInfo(
            """
            run_id:\(run)
            total_commands_processed:\(commands)
            cmdstat_get:calls=\(get.calls),usec=\(get.usec),usec_per_call=0,rejected_calls=0,failed_calls=0
            errorstat_ERR:count=\(commands / 10)
            """)
        let reply = RESPValue.array([
            .bulk("get"),
            .array([.bulk("calls"), .integer(1), .bulk("histogram_usec"), .array(histogram.map { .integer($0) })]),
        ])
        return TopSnapshot(
            taken: second * 1_000_000, info: info, histograms: LatencyHistogram.all(in: reply),
            clients: .listed(ClientLine.all(in: clients)))
    }

    @Test func countersBecomeRates() {
        let rates = TopRates(from: snapshot(at: 1, commands: 100), to: snapshot(at: 3, commands: 500))
        #expect(rates.perSecond("total_commands_processed") == 200)
        #expect(rates.perSecond("evicted_keys") == nil)
        #expect(rates.topError?.code == "ERR" && rates.topError?.perSecond == 20)
    }

    @Test func oneSnapshotHasNoRates() {
        let rates = TopRates(from: nil, to: snapshot(at: 1, commands: 100, get: (5, 10)))
        #expect(rates.perSecond("total_commands_processed") == nil)
        #expect(rates.commands.map(\.name) == ["get"] && rates.commands[0].calls == nil)
    }

    @Test func restartedServerHasNoRates() {
        let rates = TopRates(from: snapshot(at: 1, commands: 1), to: snapshot(at: 2, run: "b", commands: 9))
        #expect(rates.perSecond("total_commands_processed") == nil)
    }

    @Test func resetCountersHaveNoRateAndCommandsBeginAnew() {
        let rates = TopRates(
            from: snapshot(at: 1, commands: 100, get: (90, 90)), to: snapshot(at: 2, commands: 10, get: (10, 30)))
        #expect(rates.perSecond("total_commands_processed") == nil)
        #expect(rates.commands[0].calls == 10 && rates.commands[0].mean == 3)
    }

    @Test func percentilesAreOfTheTimeBetween() {
        let before = snapshot(at: 1, commands: 1, get: (100, 100), histogram: [1, 100])
        let after = snapshot(at: 2, commands: 2, get: (200, 400), histogram: [1, 150, 4, 199, 16, 200])
        let get = TopRates(from: before, to: after).commands[0]
        #expect(get.calls == 100 && get.mean == 3)
        #expect(get.median == 1 && get.p99 == 4 && get.p999 == 16)
    }

    @Test func clientsHaveRatesWhereTheirCommandsAreCounted() {
        let before = snapshot(at: 1, commands: 1, clients: "id=3 addr=a:1 tot-cmds=10\nid=4 addr=a:2\n")
        let after = snapshot(
            at: 2, commands: 2, clients: "id=3 addr=a:1 tot-cmds=15\nid=4 addr=a:2\nid=5 addr=a:3 tot-cmds=1\n")
        let rates = TopRates(from: before, to: after)
        guard case .listed(let clients) = after.clients else { return #expect(Bool(false)) }
        #expect(clients.map { rates.perSecond(of: $0) } == [5, nil, nil])
    }
}
