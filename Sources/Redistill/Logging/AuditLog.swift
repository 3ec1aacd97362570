internal import Logging
internal import Synchronization

/// The log of who did what: a file of its own, or nothing at all.
package final class AuditLog: Sendable {
    private let backend = LogBackend()
    private let isOn = Atomic<Bool>(false)

    package init() {}

    /// Appends to a file from now on, or writes nothing when the path is empty. All stays as it was on failure.
    func open(_ path: String, format: LogFormat) throws(FileProblem) {
        if path.isEmpty { isOn.store(false, ordering: .relaxed) }
        try backend.sink.open(path)
        backend.sink.use(format)
        isOn.store(!path.isEmpty, ordering: .relaxed)
    }

    /// Opens the file anew, after someone has renamed it.
    func reopen() throws(FileProblem) {
        if isOn.load(ordering: .relaxed) { try backend.sink.reopen() }
    }

    /// Where to write; nil when nothing is written.
    var logger: Logger? { isOn.load(ordering: .relaxed) ? backend.logger() : nil }
}
