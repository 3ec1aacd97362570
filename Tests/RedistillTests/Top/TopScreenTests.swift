import Redistill
import Testing

@Suite struct TopScreenTests {
    private static let info = """
        redis_version:7.4.0
        redistill_version:0.1.0
        run_id:a
        uptime_in_seconds:371000
        workers:2
        connected_clients:2
        maxclients:10000
        used_memory:536870912
        used_memory_rss:600000000
        maxmemory:1073741824
        maxmemory_policy:allkeys-lru
        db0:keys=1204553,expires=963642
        """

    private func snapshot(_ second: Int64, get: Int, set: Int, key: ByteText = "user:1") -> TopSnapshot {
        let counters = """

            total_commands_processed:\(get + set)
            keyspace_hits:\(get * 9 / 10)
            keyspace_misses:\(get / 10)
            used_cpu_user:\(Double(second) * 0.5)
            used_cpu_sys:\(Double(second) * 0.25)
            cmdstat_get:calls=\(get),usec=\(get),rejected_calls=0,failed_calls=0
            cmdstat_set:calls=\(set),usec=\(set * 5),rejected_calls=0,failed_calls=\(set / 10)
            """
        let clients = """
            id=3 addr=127.0.0.1:50001 name=web age=70 idle=0 tot-mem=378 omem=0 cmd=get tot-cmds=\(get)
            id=4 addr=127.0.0.1:50002 name= age=5000 idle=9 tot-mem=2048 omem=1024 cmd=set tot-cmds=\(set)
            """
        let hotKeys = HotKeyList(
            .array([
                .bulk("tracking-active"), .integer(1), .bulk("collection-duration-ms"), .integer(3000),
                .bulk("all-commands-all-slots-us"), .integer(100),
                .bulk("by-cpu-time-us"), .array([.bulk(key), .integer(25)]),
            ]))
        return TopSnapshot(
            taken: second * 1_000_000, info: ServerInfo(Self.info + counters),
            clients: .listed(ClientLine.all(in: clients)), hotKeys: hotKeys)
    }

    private func screen(
        _ view: TopView = TopView(), link: TopScreen.Link = .connected, notice: String? = nil, width: Int = 80,
        key: ByteText = "user:1"
    ) -> TopScreen {
        let before = snapshot(1, get: 1000, set: 100, key: key)
        let after = snapshot(2, get: 3000, set: 500, key: key)
        return TopScreen(
            place: "127.0.0.1:6379", snapshot: after, rates: TopRates(from: before, to: after), view: view, link: link,
            notice: notice, width: width)
    }

    @Test func overviewTellsEverything() {
        let text = screen().lines(height: 24).map(\.text)
        #expect(text[0].hasPrefix(" 127.0.0.1:6379") && text[0].hasSuffix("Redistill 0.1.0  up 4d07h  every 1s "))
        #expect(text[1] == "Commands  2,400/s  hits 90.0% of 2,000/s  errors -/s")
        #expect(text[2] == "Memory    [#####.....]  512M of 1.00G, 50.0%  rss 572M  allkeys-lru")
        #expect(text[3] == "Keys      1.20M  80.0% expire  expired -/s  evicted -/s")
        #expect(text[4].hasPrefix("Clients   2 of 10,000  new -/s"))
        #expect(text[5] == "Traffic   in -/s  out -/s  CPU 75.0% of 2 workers")
        #expect(text[7].hasPrefix("COMMAND ") && text[7].hasSuffix("FAILED/S"))
        let get = ["get", "2,000", "50.0%", "1.00us", "-", "-", "-", "0"]
        let set = ["set", "400", "50.0%", "5.00us", "-", "-", "-", "40"]
        #expect(text[8].split(separator: " ").map(String.init) == get)
        #expect(text[9].split(separator: " ").map(String.init) == set)
        let client = ["web", "127.0.0.1:50001", "2,000", "378B", "0B", "0s", "1m10s", "get"]
        #expect(text.contains { $0.split(separator: " ").map(String.init) == client })
        #expect(text.contains { $0.hasPrefix("HOT KEY (sampling for 3s)") })
        let key = ["user:1", "25.0us", "25.0%", "-", "-"]
        #expect(text.contains { $0.split(separator: " ").map(String.init) == key })
    }

    @Test(arguments: [(80, 24), (80, 10), (132, 50), (40, 12), (20, 5), (1, 1), (3, 2), (80, 0)])
    func screenIsExactlyAsLargeAsTheTerminal(width: Int, height: Int) {
        for panel in TopView.Panel.allCases {
            for showsHelp in [false, true] {
                var view = TopView()
                view.panel = panel
                view.showsHelp = showsHelp
                let screen = self.screen(view, link: .lost(because: "gone"), notice: "a word", width: width)
                let lines = screen.lines(height: height)
                #expect(lines.count == height)
                #expect(lines.allSatisfy { $0.text.utf8.count <= width })
            }
        }
    }

    @Test func footerNamesTheKeysWithinEightyColumns() {
        for order in TopView.CommandOrder.allCases {
            var view = TopView()
            view.commandOrder = order
            let footer = screen(view).lines(height: 24).last
            #expect(footer?.emphasis == .bar && footer?.text.utf8.count == 80)
            #expect(footer?.text.contains("sort: \(order.rawValue)") == true && footer?.text.contains("h help") == true)
        }
    }

    @Test func tableIsSortedAsTheViewSays() {
        var view = TopView()
        view.panel = .commands
        view.commandOrder = .mean
        #expect(screen(view).lines(height: 24)[8].text.hasPrefix("set "))
        view.commandOrder = .name
        #expect(screen(view).lines(height: 24)[8].text.hasPrefix("get "))
        view.panel = .clients
        #expect(screen(view).lines(height: 24)[8].text.hasPrefix("127.0.0.1:50002"))
        view.clientOrder = .calls
        #expect(screen(view).lines(height: 24)[8].text.hasPrefix("web 127.0.0.1:50001"))
    }

    @Test func lostConnectionIsAlarmingAndTheLastFiguresStay() {
        let lines = screen(link: .lost(because: "Connection refused")).lines(height: 24)
        #expect(lines[1].emphasis == .alarm && lines[1].text == "Connection lost: Connection refused; trying again")
        #expect(lines[2].text.hasPrefix("Commands  2,400/s"))
    }

    @Test func terminalIsNotAtTheMercyOfKeys() {
        let screen = self.screen(key: ByteText([0x1b, 0x5b, 0x32, 0x4a, 0x0a, 0xc3, 0xa4, 0x5c]))
        let text = screen.lines(height: 24).map(\.text)
        #expect(text.allSatisfy { $0.utf8.allSatisfy { (0x20..<0x7f).contains($0) } })
        #expect(text.contains { $0.hasPrefix("\\x1b[2J\\x0a\\xc3\\xa4\\\\ ") })
    }

    @Test func pageHasNoKeysAndAllTables() {
        let text = screen().page().map(\.text)
        #expect(text.contains { $0.hasPrefix("COMMAND") } && text.contains { $0.hasPrefix("CLIENT") })
        #expect(!text.contains { $0.contains("q quit") })
    }

    @Test func narrowTableLosesColumnsNotItsNames() {
        let lines = screen(width: 40).lines(height: 24).map(\.text)
        #expect(lines.contains { $0.hasPrefix("get ") && $0.contains("2,000") })
    }
}
