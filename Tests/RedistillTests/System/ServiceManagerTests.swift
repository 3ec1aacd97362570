import Foundation
import Testing

@testable import Redistill

@Suite struct ServiceManagerTests {
    @Test(arguments: [
        (ServiceManager.Message.ready(status: "up"), "READY=1\nERRNO=0\nSTATUS=up"),
        (.stopping(within: 40_000_000), "STOPPING=1\nEXTEND_TIMEOUT_USEC=45000000"),
        (.reloading(at: 5), "RELOADING=1\nMONOTONIC_USEC=5"), (.watchdog, "WATCHDOG=1"),
        (.forget(name: "store"), "FDSTOREREMOVE=1\nFDNAME=store"),
        (
            .notReloaded(at: "T", problem: "a.toml:1: x\na.toml:2: y"),
            "READY=1\nERRNO=22\nSTATUS=reload failed at T, the old settings stay: a.toml:1: x; a.toml:2: y"
        ),
    ])
    func messageHasSystemdsText(message: ServiceManager.Message, text: String) {
        #expect(message.text == text)
    }

    @Test func watchdogIsHalfOfWhatIsAllowedAndOnlyOurs() {
        func interval(_ environment: [String: String]) -> Int64? {
            ServiceManager(environment: environment, processID: 42).watchdogInterval
        }
        #expect(interval(["WATCHDOG_USEC": "3000000"]) == 1_500_000)
        #expect(interval(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "42"]) == 1_500_000)
        #expect(interval(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "43"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "x"]) == nil)
        #expect(interval([:]) == nil)
    }

    @Test(arguments: ["/", "@"])
    func messageArrivesAtTheSocket(kind: String) throws {
        let name =
            kind == "/" ? "\(NSTemporaryDirectory())r\(UUID().uuidString.prefix(8))" : "@redistill-\(UUID().uuidString)"
        defer { if kind == "/" { unlink(name) } }
        let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(receiver) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            field.copyBytes(from: Array(name.utf8))
            if kind == "@" { field[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(receiver, $0, length) }
        }
        try #require(bound == 0)
        ServiceManager(environment: ["NOTIFY_SOCKET": name], processID: 1).send(.watchdog)
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = recv(receiver, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        #expect(count == 10 && String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "WATCHDOG=1")
    }

    @Test func missingManagerIsNoProblem() {
        ServiceManager(environment: [:], processID: 1).send(.watchdog)
        ServiceManager(environment: ["NOTIFY_SOCKET": "/nonexistent/socket"], processID: 1).send(.watchdog)
        ServiceManager(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)], processID: 1).send(
            .watchdog)
    }
}
