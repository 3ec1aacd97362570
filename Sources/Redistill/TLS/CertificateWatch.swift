internal import Glibc

/// Notices when certificate files change on disk. Pure apart from `stat`, which tests replace.
package struct CertificateWatch: Sendable {
    /// What tells one version of a file from another.
    package struct Signature: Sendable, Equatable {
        package let inode: UInt64
        package let size: Int64
        /// Nanoseconds since 1970, modulo 2^64: a date is only compared, and no date of a file may stop the daemon.
        package let changed: Int64

        package init(inode: UInt64, size: Int64, changed: Int64) {
            self.inode = inode
            self.size = size
            self.changed = changed
        }
    }

    private let signature: @Sendable (String) -> Signature?
    private var known: [String: Signature?] = [:]

    /// - Parameter signature: The present version of a file, or nil without one.
    package init(signature: @escaping @Sendable (String) -> Signature? = CertificateWatch.onDisk) {
        self.signature = signature
    }

    /// Whether any of the files differs from the last call; the first call only learns.
    ///
    /// A pair that is replaced one file after the other is noticed twice, and fits the second time.
    package mutating func hasChanged(_ options: TLSOptions) -> Bool {
        let paths = [options.certificatePath, options.keyPath, options.authorityPath].filter { !$0.isEmpty }
        let now = Dictionary(paths.map { ($0, signature($0)) }) { first, _ in first }
        defer { known = now }
        return !known.isEmpty && Set(known.keys) == Set(now.keys) && known != now
    }

    /// The version of a file on disk.
    package static func onDisk(_ path: String) -> Signature? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Signature(
            inode: UInt64(status.st_ino), size: Int64(status.st_size),
            changed: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec))
    }
}
