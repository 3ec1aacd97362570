internal import CRedistillHot

/// Reports of fatal signals; stands for `rd_crash`, which lives as long as the process.
package struct CrashReport: Sendable {
    // Proof: the pointer is never freed, and only handed to functions of the boundary that allow any thread.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private let handle: Handle
    var pointer: OpaquePointer? { handle.pointer }

    /// No reports.
    package static let none = CrashReport(handle: Handle(pointer: nil))

    private init(handle: Handle) {
        self.handle = handle
    }

    /// From now on crashes of this thread, and of servers made with this, are told in the log; once in a process.
    static func install(log: LogSink) -> CrashReport {
        let report = CrashReport(handle: Handle(pointer: rd_crash_install("Redistill \(Version.redistill)", 2)))
        log.onOpen { rd_crash_set_log(report.pointer, $0) }
        return report
    }
}
