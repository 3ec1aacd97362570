import CHotProbe
import CRedistillHot
import Testing

/// A control plane whose scripts are lists of steps; probe_script.h says which.
final class Scripts {
    let handle: OpaquePointer

    init() { handle = probe_scripts_new() }
    deinit { probe_scripts_free(handle) }

    var atGate: UInt32 { probe_scripts_at_gate(handle) }
    func letPass(_ count: UInt32 = 1) { probe_scripts_let_pass(handle, count) }
}

func eval(_ script: String, keys: [String] = [], arguments: [String] = [], as command: String = "EVAL") -> [UInt8] {
    multibulk(([command, script, "\(keys.count)"] + keys + arguments).map { bytes($0) })
}

/// A server whose scripts run for too long when a test says so: its monotonic clock jumps.
final class BusyServer {
    static let limit: Int64 = 100_000
    static let busy = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n"

    let fault = Fault(), scripts = Scripts(), server: Server
    /// As many as it takes for every worker to serve one.
    let others: [Client]

    init(workers: UInt32, shards: UInt32 = 16, tls: Bool = false, _ settings: (rd_setting, Int64)...) throws {
        server = try Server(.init(workers: workers, shards: shards, tls: tls, scripts: scripts,
                                  settings: settings + [(RD_SET_SCRIPT_TIME_LIMIT, Self.limit)], fault: fault))
        others = try (0..<workers).map { [server] _ in try server.connect() }
        for client in others { client.ask(bytes("PING\r\n"), "+PONG\r\n") }
    }

    deinit { scripts.letPass(1000) }

    /// Waits until so many scripts in all have come to their gates.
    func waitForGate(_ count: UInt32 = 1) { #expect(server.wait { _ in scripts.atGate >= count }) }

    /// The scripts that run are over their time.
    func passLimit() { fault.jumpMonotonic(Self.limit + 1000) }

    /// Has a script at its gate, for too long.
    func park(_ client: Client, _ request: [UInt8]) {
        let before = scripts.atGate
        client.send(request)
        waitForGate(before + 1)
        passLimit()
        for other in others { untilBusy(other) }
    }

    func untilBusy(_ client: Client) {
        #expect(server.wait { _ in
            client.send(bytes("PING\r\n"))
            return client.receiveReply() == bytes(Self.busy)
        })
    }

    /// Once nobody is told BUSY any more.
    func untilIdle() {
        for client in others {
            #expect(server.wait { _ in
                client.send(bytes("PING\r\n"))
                return client.receiveReply() == bytes("+PONG\r\n")
            })
        }
    }

    /// A command's calls, and those that failed.
    func calls(of name: String) -> (all: UInt64, failed: UInt64) {
        var index = 0, statistics = rd_command_statistics()
        while rd_server_command_statistics(server.handle, index, &statistics, nil) {
            if String(cString: statistics.name) == name { return (statistics.calls, statistics.failed) }
            index += 1
        }
        return (0, 0)
    }
}
