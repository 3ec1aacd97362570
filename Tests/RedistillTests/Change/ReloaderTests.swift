import CRedistillHot
import Redistill
import Testing

@Suite struct ReloaderTests {
    private func loaded(_ toml: String) throws -> LoadedConfiguration {
        try ConfigurationLoader.load(sources(toml: toml))
    }

    @Test func whatCanChangeChangesAndTheRestStays() throws {
        let server = try TestServer(flags: ["port": "0"])
        server.plane.reloader.reload(try loaded("[server]\nport = 7999\nmax_connections = 7\n[memory]\nmax_memory = \"64mb\"\n"))
        let configuration = server.plane.live.configuration
        #expect(configuration.integer(.maxConnections) == 7)
        #expect(configuration.text(.evictionPolicy) == "allkeys-s3fifo")
        #expect(configuration.integer(.port) == 0)
        #expect(server.plane.control.statistics()?.memory_limit == 64 << 20)
    }

    @Test func oneFailureLeavesEverythingAsItWas() throws {
        let server = try TestServer()
        server.plane.reloader.reload(
            try loaded(
                "[server]\nmax_connections = 7\n[memory]\nmax_memory = \"64mb\"\n[logging]\nlog_file = \"/nonexistent/log\"\n"
            ))
        #expect(server.plane.live.configuration.integer(.maxConnections) == 10_000)
        #expect(server.plane.control.statistics()?.memory_limit == (8 << 30) / 100 * 75)
    }

    @Test func howTheLastReloadWentIsKnown() throws {
        let server = try TestServer()
        func status() -> Bool { server.plane.info(sections: ["server"]).contains("config_last_reload_status:ok\r\n") }
        #expect(status())
        let wrong = try loaded("[logging]\nlog_file = \"/nonexistent/log\"\n")
        #expect(server.plane.reloader.reload(wrong)?.contains("/nonexistent/log") == true)
        #expect(!status())
        #expect(server.plane.reloader.reload(try loaded("")) == nil)
        #expect(status())
    }

    @Test func reloadTakesBackWhatConfigSetChanged() throws {
        let server = try TestServer()
        #expect(server.plane.configSet(["maxclients", "5"], askedBy: "127.0.0.1:1") == .ok)
        server.plane.reloader.reload(try loaded(""))
        #expect(server.plane.live.configuration.integer(.maxConnections) == 10_000)
    }

    @Test func aRefusedReloadChangesNothingAndIsCounted() throws {
        let server = try TestServer(toml: "[server]\nport = 0\n" + guardedConfiguration)
        func reload(_ toml: String) throws { server.plane.reloader.reload(try ConfigurationLoader.load(sources(toml: toml))) }
        try reload("[server]\nmax_connections = 7\n")
        #expect(server.plane.live.configuration.integer(.maxConnections) == 10_000)
        #expect(server.plane.live.configuration.secret(.password) == Secret("p"))
        #expect(server.plane.control.statistics()?.memory_limit == 64 << 20)
        #expect(server.plane.info(sections: ["server"]).contains("config_reloads_failed:1\r\n"))
        try reload("[server]\nmax_connections = 7\n" + guardedConfiguration)
        #expect(server.plane.live.configuration.integer(.maxConnections) == 7)
        #expect(server.plane.info(sections: ["server"]).contains("config_reloads:1\r\n"))
    }
}
