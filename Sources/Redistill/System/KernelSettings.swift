internal import Glibc

/// Settings of the kernel and the session that a cache does well to look at. Nil where the kernel does not tell.
package struct KernelSettings: Sendable, Equatable {
    /// The most connections that may wait to be accepted: `net.core.somaxconn`.
    package var longestBacklog: Int64?
    /// Whether every process gets huge pages unasked.
    package var alwaysHugePages: Bool
    /// Whether shared memory gets none even where it is asked for.
    package var noSharedHugePages: Bool
    /// The most open files that this process can have; nil for as many as it likes.
    package var mostOpenFiles: UInt64?
    /// Bytes that the kernel promises to all processes together where it promises no more than it has
    /// (`vm.overcommit_memory` 2); nil where it does.
    package var promisedMemory: Int64?

    package init(
        longestBacklog: Int64? = nil, alwaysHugePages: Bool = false, noSharedHugePages: Bool = false,
        mostOpenFiles: UInt64? = nil, promisedMemory: Int64? = nil
    ) {
        self.longestBacklog = longestBacklog
        self.alwaysHugePages = alwaysHugePages
        self.noSharedHugePages = noSharedHugePages
        self.mostOpenFiles = mostOpenFiles
        self.promisedMemory = promisedMemory
    }

    /// Those that hold for this process.
    package static func ofThisProcess() -> KernelSettings {
        KernelSettings(told: .real, mostOpenFiles: Descriptors.most())
    }

    /// - Parameter files: Where the kernel tells its own.
    package init(told files: FileSystem, mostOpenFiles: UInt64?) {
        func number(_ path: String) -> Int64? { (try? files.read(path)).flatMap { Int64($0.filter(\.isNumber)) } }
        longestBacklog = number("/proc/sys/net/core/somaxconn")
        func isChosen(_ word: String, in file: String) -> Bool {
            (try? files.read("/sys/kernel/mm/transparent_hugepage/\(file)"))?.contains("[\(word)]") == true
        }
        alwaysHugePages = isChosen("always", in: "enabled")
        noSharedHugePages = isChosen("never", in: "shmem_enabled") || isChosen("deny", in: "shmem_enabled")
        self.mostOpenFiles = mostOpenFiles
        guard number("/proc/sys/vm/overcommit_memory") == 2, let memory = try? files.read("/proc/meminfo") else { return }
        let line = memory.split(separator: "\n").first { $0.hasPrefix("CommitLimit:") }
        promisedMemory = line.flatMap { Int64($0.filter(\.isNumber)) }.map { $0 << 10 }
    }
}
