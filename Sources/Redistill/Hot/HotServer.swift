internal import CRedistillHot

/// The owner of a hot-path server; stands for `struct rd_server`.
///
/// There is exactly one, and its end is the server's: `deinit` is `rd_server_destroy`, which joins every thread.
package struct HotServer: ~Copyable {
    private let pointer: OpaquePointer
    private let control: HotControl

    /// Creates a server that listens nowhere yet; stands for `rd_server_create`.
    ///
    /// - Parameters:
    ///   - configuration: What the server is made for.
    ///   - responder: Answers the server's questions until its end.
    ///   - control: Is tied to the new server.
    ///   - crash: Where its threads report crashes.
    package init(
        _ configuration: Configuration, responder: any HotResponder, control: HotControl,
        crash: CrashReport = .none
    ) throws(HotError) {
        var callbacks = HotCallbacks.make(for: responder)
        var server: OpaquePointer?
        var error = rd_error()
        let status = HotOptions.withOptions(of: configuration, crash: crash) { options in
            rd_server_create(options, &callbacks, &server, &error)
        }
        try HotError.check(status, error)
        guard let server else { throw .stopped }
        pointer = server
        self.control = control
        control.attach(server)
    }

    deinit {
        control.attach(nil)
        rd_server_destroy(pointer)
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
