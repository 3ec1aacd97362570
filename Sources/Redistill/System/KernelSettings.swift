internal import Glibc

/// Settings of the kernel and the session that a cache does well to look at. Nil where the kernel does not tell.
package struct KernelSettings: Sendable, Equatable {
    /// The most connections that may wait to be accepted: `net.core.somaxconn`.
    package var longestBacklog: Int64?
    /// Whether every process gets huge pages unasked.
    package var alwaysHugePages: Bool
    /// The most open files that this process can have; nil for as many as it likes.
    package var mostOpenFiles: UInt64?

    package init(longestBacklog: Int64? = nil, alwaysHugePages: Bool = false, mostOpenFiles: UInt64? = nil) {
        self.longestBacklog = longestBacklog
        self.alwaysHugePages = alwaysHugePages
        self.mostOpenFiles = mostOpenFiles
    }

    /// Those that hold for this process.
    package static func ofThisProcess() -> KernelSettings {
        let backlog = try? FileSystem.real.read("/proc/sys/net/core/somaxconn")
        let pages = try? FileSystem.real.read("/sys/kernel/mm/transparent_hugepage/enabled")
        return KernelSettings(
            longestBacklog: backlog.flatMap { Int64($0.filter(\.isNumber)) },
            alwaysHugePages: pages?.contains("[always]") == true, mostOpenFiles: Descriptors.most())
    }
}
