internal import Glibc
internal import Synchronization

/// What is to become of the keys at the end of the server, which whoever decides it does not see: the server ends last.
package final class Succession: Sendable {
    /// Who comes next.
    enum Heir: Equatable {
        /// Nobody: the keys end with the server.
        case none
        /// systemd, and through it the next start.
        case manager
        /// The program as it is installed now, in this process.
        case program
    }

    private struct State {
        var heir = Heir.none
        var inheritance = Inheritance()
    }

    private let state = Mutex(State())

    package init() {}

    /// Set before the end.
    var heir: Heir {
        get { state.withLock { $0.heir } }
        set { state.withLock { $0.heir = newValue } }
    }

    /// Nobody comes next, after all.
    func dismiss() {
        state.withLock { state in
            for descriptor in state.inheritance.listeners.values { close(descriptor) }
            state = State()
        }
    }

    /// The sockets that the next one goes on listening on.
    func leave(listeners: [String: Int32]) {
        state.withLock { $0.inheritance.listeners = listeners }
    }

    /// At the end: the memory of the keys, nil when they could not be kept.
    func leave(store: Int32?) {
        state.withLock { $0.inheritance.store = store }
    }

    /// After the server's end: hands over. Does not return where the next program begins in this process.
    ///
    /// - Returns: What has failed, as a sentence; nil: nothing.
    func fulfil(manager: ServiceManager, executable: String) -> String? {
        let (heir, inheritance) = state.withLock { ($0.heir, $0.inheritance) }
        switch heir {
        case .none: return nil
        case .manager:
            guard let store = inheritance.store else { return "the keys could not be kept" }
            defer { close(store) }
            return manager.store(store, as: Inheritance.name) ? nil : "systemd could not be given the keys"
        case .program:
            return begin(executable, inheritance)
        }
    }

    /// Becomes the program, with this process's number, arguments and environment.
    private func begin(_ executable: String, _ inheritance: Inheritance) -> String {
        for descriptor in inheritance.listeners.values + [inheritance.store].compactMap(\.self) {
            _ = fcntl(descriptor, F_SETFD, 0)
        }
        setenv(Inheritance.variable, inheritance.text, 1)
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv(executable, &arguments)
        let cause = String(cString: strerror(errno))
        // The program that is running is there for as long as it runs, whatever became of its file.
        execv("/proc/self/exe", &arguments)
        return "cannot run \(executable): \(cause)"
    }
}
