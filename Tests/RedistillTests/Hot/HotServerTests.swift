import CRedistillHot
import Foundation
import Redistill
import Testing

/// The boundary, with the real hot path behind it.
@Suite struct HotServerTests {
    @Test func infoComesFromTheControlPlane() throws {
        let server = try TestServer()
        let client = try server.connect()
        let reply = client.ask("INFO cluster", until: "cluster_enabled:0\r\n\r\n")
        #expect(reply == "$30\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n")
    }

    @Test func configGetIsAMapInBothProtocols() throws {
        let server = try TestServer()
        let client = try server.connect()
        #expect(client.ask("CONFIG GET maxclients", until: "10000\r\n") == "*2\r\n$10\r\nmaxclients\r\n$5\r\n10000\r\n")
        _ = client.ask("HELLO 3", until: "modules\r\n*0\r\n")
        #expect(client.ask("CONFIG GET maxclients", until: "10000\r\n") == "%1\r\n$10\r\nmaxclients\r\n$5\r\n10000\r\n")
    }

    @Test func configSetReachesTheHotPathAllOrNothing() throws {
        let server = try TestServer()
        let client = try server.connect()
        #expect(client.ask("CONFIG SET maxmemory 100mb timeout 7", until: "\r\n") == "+OK\r\n")
        #expect(server.plane.live.configuration.integer(.maxMemory) == 100 << 20)
        #expect(server.plane.control.statistics()?.memory_limit == 100 << 20)
        let refused = client.ask("CONFIG SET timeout 9 maxmemory x", until: "\r\n")
        #expect(
            refused
                == "-ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value\r\n"
        )
        #expect(server.plane.live.configuration.integer(.connectionTimeout) == 7000)
    }

    @Test func passwordIsCheckedAndCanBeChanged() throws {
        let server = try TestServer(environment: ["REDIS_PASSWORD": "one"])
        let client = try server.connect()
        #expect(client.ask("GET a", until: "\r\n") == "-NOAUTH Authentication required.\r\n")
        #expect(client.ask("AUTH two", until: "\r\n").hasPrefix("-WRONGPASS "))
        #expect(client.ask("AUTH default one", until: "\r\n") == "+OK\r\n")
        #expect(client.ask("CONFIG SET requirepass two", until: "\r\n") == "+OK\r\n")
        let other = try server.connect()
        #expect(other.ask("AUTH one", until: "\r\n").hasPrefix("-WRONGPASS "))
        #expect(other.ask("AUTH two", until: "\r\n") == "+OK\r\n")
        #expect(other.ask("CONFIG GET requirepass", until: "<redacted>\r\n").hasSuffix("$10\r\n<redacted>\r\n"))
    }

    @Test func shutdownAsksTheMainThread() throws {
        let server = try TestServer()
        let client = try server.connect()
        client.send("SHUTDOWN\r\n")
        var events: [Lifecycle.Event] = []
        for _ in 0..<200 where events.isEmpty {
            usleep(10_000)
            events = server.mailbox.take()
        }
        guard case .stopRequested(.command(let peer, _)) = events.first else {
            Issue.record("no stop was asked for: \(events)")
            return
        }
        #expect(peer.hasPrefix("127.0.0.1:"))
    }

    @Test func drainAnswersWhatWasSentAndClosesConnections() throws {
        let server = try TestServer()
        let client = try server.connect()
        #expect(client.ask("PING", until: "\r\n") == "+PONG\r\n")
        client.send(String(repeating: "PING\r\n", count: 1000))
        usleep(100_000)
        let isDrained = server.drain(milliseconds: 3000)
        #expect(isDrained)
        #expect(client.read(until: nil) == String(repeating: "+PONG\r\n", count: 1000))
    }

    @Test func controlOutlivesItsServer() throws {
        func control() throws -> HotControl {
            let server = try TestServer()
            return server.plane.control
        }
        let control = try control()
        let setting = try #require(HotSetting.all.first)
        #expect(control.statistics() == nil)
        #expect(control.workers == 0)
        #expect(throws: HotError.stopped) { try control.set(setting, to: 0) }
        control.beginDrain()
    }

    @Test func responderIsReleasedWithTheServer() throws {
        weak var plane: ControlPlane?
        do {
            let server = try TestServer()
            plane = server.plane
            #expect(plane != nil)
        }
        #expect(plane == nil)
    }

    @Test func portInUseIsOneSentence() throws {
        let first = try TestServer()
        let port = String(first.plane.control.port(ofEndpoint: 0))
        do {
            _ = try TestServer(flags: ["port": port])
            Issue.record("two servers on one port")
        } catch let error as HotError {
            #expect(error.status == .bind)
            #expect(error.description.contains("127.0.0.1"))
            #expect(error.description.contains("in use"))
        }
    }

    @Test(arguments: ["no.such.host.invalid", "300.1.1.1", "::zz"])
    func badAddressIsOneSentence(address: String) throws {
        do {
            _ = try TestServer(flags: ["bind": address])
            Issue.record("\(address) was listened on")
        } catch let error as HotError {
            #expect(error.description.contains(address))
        }
    }

    @Test func httpIsAnsweredByTheControlPlane() throws {
        // The HTTP port can't be chosen by the system here, so a free one is asked for first.
        let port = try freePort()
        let server = try TestServer(flags: ["health_check_port": String(port)])
        func get(_ path: String) throws -> String {
            let client = try TestClient(port: port)
            client.send("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return client.read(until: nil)
        }
        #expect(try get("/health/ready").hasPrefix("HTTP/1.1 200 "))
        #expect(try get("/metrics").contains("\nredistill_up 1\n"))
        #expect(try get("/nothing").hasPrefix("HTTP/1.1 404 "))
        server.plane.collector.readiness = .draining
        #expect(try get("/health/ready").hasPrefix("HTTP/1.1 503 "))
    }

    @Test func slowestCommandsAreToldWithTheirFirstKeyAlone() throws {
        let server = try TestServer(flags: ["slowlog_log_slower_than": "0"])
        let client = try server.connect()
        #expect(client.ask("CLIENT SETNAME writer", until: "OK\r\n").hasSuffix("OK\r\n"))
        #expect(client.ask("SET mykey myvalue", until: "OK\r\n").hasSuffix("OK\r\n"))
        #expect(client.ask("DEBUG-none x", until: "\r\n").hasPrefix("-ERR"))
        let slow = server.plane.control.slowCommands(atMost: 100)
        let set = try #require(slow.first { $0.command == "set" })
        #expect(set.key == "mykey" && set.client == "writer" && set.peer.hasPrefix("127.0.0.1:"))
        #expect(slow.contains { $0.command == "client|setname" && $0.key == "" })
        #expect(!"\(slow)".contains("myvalue"))
        #expect(slow.map(\.microseconds) == slow.map(\.microseconds).sorted(by: >))
        #expect(server.plane.control.slowCommands(atMost: 1) == Array(slow.prefix(1)))
        #expect(server.plane.control.slowCommands(atMost: 0) == [])
    }

    @Test func hottestKeysAreToldOnceTheyWereSearched() throws {
        let server = try TestServer()
        let client = try server.connect()
        #expect(server.plane.control.hotKeys(atMost: 10) == nil)
        #expect(client.ask("HOTKEYS START METRICS 2 CPU NET", until: "OK\r\n") == "+OK\r\n")
        #expect(client.ask("SET heavy " + String(repeating: "v", count: 1000), until: "OK\r\n") == "+OK\r\n")
        #expect(client.ask("SET light 1", until: "OK\r\n") == "+OK\r\n")
        let keys = try #require(server.plane.control.hotKeys(atMost: 10))
        #expect(keys.isActive && keys.byBytes.keys.map(\.key) == ["heavy", "light"])
        #expect(keys.byBytes.total == keys.byBytes.keys.map(\.weight).reduce(0, +))
        #expect(Set(keys.byTime.keys.map(\.key.shown)) == ["heavy", "light"])
        #expect(client.ask("HOTKEYS STOP", until: "OK\r\n") == "+OK\r\n")
        #expect(server.plane.control.hotKeys(atMost: 10)?.isActive == false)
        #expect(client.ask("HOTKEYS RESET", until: "OK\r\n") == "+OK\r\n")
        #expect(server.plane.control.hotKeys(atMost: 10) == nil)
    }

    @Test func largestClientsComeFirst() throws {
        let server = try TestServer()
        let clients = try (0..<12).map { _ in try server.connect() }
        for client in clients { #expect(client.ask("PING", until: "PONG\r\n") == "+PONG\r\n") }
        #expect(clients[5].ask("CLIENT SETNAME half", until: "OK\r\n") == "+OK\r\n")
        clients[5].send("*2\r\n$3\r\nGET\r\n$60000\r\n" + String(repeating: "k", count: 20_000))
        // The others stay as they are, so the one that grows is seen at the front sooner or later.
        let end = Clock.monotonicMicroseconds() + 5_000_000
        var largest = server.plane.control.largestClients(atMost: 10)
        while (largest.first?.bytes ?? 0) <= 20_000, Clock.monotonicMicroseconds() < end {
            largest = server.plane.control.largestClients(atMost: 10)
        }
        #expect(largest.count == 10)
        #expect(largest[0].name == "half" && largest[0].bytes > 20_000 && largest[0].command == "client|setname")
        #expect(largest.map(\.bytes) == largest.map(\.bytes).sorted(by: >))
        #expect(server.plane.control.largestClients(atMost: 0) == [])
        withExtendedLifetime(clients) {}
    }

    private func freePort() throws -> UInt16 {
        let server = try TestServer()
        return server.plane.control.port(ofEndpoint: 0)
    }
}
