internal import CRedistillHot

/// The owner of a hot-path server; stands for `struct rd_server`.
///
/// There is exactly one, and its end is the server's: `deinit` is `rd_server_destroy`, or `rd_server_park` where the keys go
/// on, which join every thread.
package struct HotServer: ~Copyable {
    private let pointer: OpaquePointer
    private let control: HotControl
    private let succession: Succession

    /// Creates a server that listens nowhere yet; stands for `rd_server_create`.
    ///
    /// - Parameters:
    ///   - configuration: What the server is made for.
    ///   - responder: Answers the server's questions until its end.
    ///   - control: Is tied to the new server.
    ///   - crash: Where its threads report crashes.
    ///   - inheritance: What a process before has left; taken over.
    ///   - succession: Says at the end whether the keys are to outlive the server.
    package init(
        _ configuration: Configuration, responder: any HotResponder, control: HotControl,
        crash: CrashReport = .none, inheritance: Inheritance = Inheritance(), succession: Succession = Succession()
    ) throws(HotError) {
        var callbacks = HotCallbacks.make(for: responder)
        var server: OpaquePointer?
        var error = rd_error()
        let status = HotOptions.withOptions(of: configuration, crash: crash, inheritance: inheritance) { options in
            rd_server_create(options, &callbacks, &server, &error)
        }
        try HotError.check(status, error)
        guard let server else { throw .stopped }
        pointer = server
        self.control = control
        self.succession = succession
        control.attach(server)
    }

    deinit {
        control.attach(nil)
        guard succession.heir != .none else { return rd_server_destroy(pointer) }
        let store = rd_server_park(pointer)
        succession.leave(store: store >= 0 ? store : nil)
    }

    /// Binds every endpoint and starts the threads, all or nothing; stands for `rd_server_start`.
    package borrowing func start() throws(HotError) {
        var error = rd_error()
        try HotError.check(rd_server_start(pointer, &error), error)
    }

    /// Waits until the last connection is closed after ``HotControl/beginDrain()``; stands for
    /// `rd_server_wait_drained`.
    ///
    /// - Returns: Whether they all are.
    package borrowing func waitDrained(milliseconds: UInt64) -> Bool {
        rd_server_wait_drained(pointer, milliseconds) == RD_OK
    }
}
