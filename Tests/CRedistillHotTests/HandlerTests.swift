import CHotProbe
import CRedistillHot
import Testing

/// A handler with what it needs, and nothing else: no socket, no thread, no server.
@Suite final class HandlerTests {
    let store = Store()
    let caller: OpaquePointer

    init() {
        caller = probe_caller_new(store.handle)
    }

    deinit {
        probe_caller_free(caller)
    }

    func run(_ words: String) -> String {
        text(bytes(of: probe_caller_run(caller, words)))
    }

    @Test func incrReplyIsTheNewNumberAndAnErrorLeavesTheValue() {
        #expect(run("INCR counter") == ":1\r\n")
        #expect(run("INCRBY counter 41") == ":42\r\n")
        #expect(run("SET counter word") == "+OK\r\n")
        #expect(run("INCR counter") == "-ERR value is not an integer or out of range\r\n")
        #expect(run("GET counter") == "$4\r\nword\r\n")
    }

    @Test func expiryGoesByTheCallsClock() {
        probe_caller_set_now(caller, 1_000)
        #expect(run("SET key value PX 500") == "+OK\r\n")
        #expect(run("PTTL key") == ":500\r\n")
        probe_caller_set_now(caller, 1_499)
        #expect(run("GET key") == "$5\r\nvalue\r\n")
        probe_caller_set_now(caller, 1_500)
        #expect(run("GET key") == "$-1\r\n")
        #expect(store.count == 0)
    }

    @Test func readsAreCountedAtTheCallersLoop() {
        _ = run("SET key value")
        _ = run("GET key")
        _ = run("STRLEN key")
        _ = run("GET absent")
        #expect(probe_caller_hits(caller) == 2)
        #expect(probe_caller_misses(caller) == 1)
    }

    @Test func whatOnlyTheServerCanDoIsAskedOfItsTable() {
        #expect(run("MEMORY PURGE") == "+OK\r\n")
        #expect(probe_caller_purges(caller) == 1)
    }
}
