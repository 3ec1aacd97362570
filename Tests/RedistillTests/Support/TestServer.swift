import Foundation
import Redistill
import Testing

/// A whole server inside the test's process: hot path, callbacks and control plane, on ports that the system chooses.
struct TestServer: ~Copyable {
    let plane: ControlPlane
    let mailbox: Mailbox
    private let server: HotServer

    init(flags: [String: String] = [:], environment: [String: String] = [:], toml: String? = nil) throws {
        var flags = flags
        if flags["port"] == nil { flags["port"] = "0" }
        if flags["workers"] == nil { flags["workers"] = "2" }
        let configuration = try configuration(toml: toml, environment: environment, flags: flags)
        let log = LogBackend()
        log.use(level: "critical")
        let mailbox = Mailbox()
        let plane = ControlPlane(
            configuration, facts: ServerFacts(runID: "r", port: 1, workers: 2, shards: 256), certificateExpiry: nil,
            machine: machine, log: log, mailbox: mailbox)
        let server = try HotServer(configuration, responder: plane, control: plane.control)
        try server.start()
        plane.collector.readiness = .ready
        self.mailbox = mailbox
        self.plane = plane
        self.server = server
    }

    /// Drains and tells whether every connection was closed in time.
    func drain(milliseconds: UInt64) -> Bool {
        plane.control.beginDrain()
        return server.waitDrained(milliseconds: milliseconds)
    }

    func connect() throws -> TestClient { try TestClient(port: plane.control.port(ofEndpoint: 0)) }
}

/// A blocking client that sends inline commands and reads replies as text.
final class TestClient {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var time = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Sends a line and reads until the reply ends with the text; what came until then when it does not.
    func ask(_ line: String, until end: String) -> String {
        send(line + "\r\n")
        return read(until: end)
    }

    /// What arrives up to a text, the end of the connection, or five seconds.
    func read(until end: String?) -> String {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while end.map({ !String(decoding: all, as: UTF8.self).hasSuffix($0) }) ?? true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count <= 0 { break }
            all += chunk[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }
}
