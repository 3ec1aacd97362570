import Redistill
import Synchronization
import Testing

@Suite struct CertificateWatchTests {
    /// Versions of files that a test changes.
    private final class Disk: Sendable {
        let versions = Mutex<[String: Int64]>([:])

        func set(_ path: String, _ version: Int64?) { versions.withLock { $0[path] = version } }

        func watch() -> CertificateWatch {
            CertificateWatch { path in
                self.versions.withLock { $0[path] }.map { CertificateWatch.Signature(inode: 1, size: 1, changed: $0) }
            }
        }
    }

    private func options(certificate: String = "c") throws -> TLSOptions {
        try #require(
            TLSOptions(
                try configuration(flags: [
                    "tls_enabled": "yes", "tls_cert_path": certificate, "tls_key_path": "k",
                ])))
    }

    @Test func eachReplacedFileIsNoticedOnce() throws {
        let disk = Disk()
        let options = try options()
        disk.set("c", 1)
        disk.set("k", 1)
        var watch = disk.watch()
        func hasChanged(_ options: TLSOptions) -> Bool { watch.hasChanged(options) }
        #expect(!hasChanged(options))
        #expect(!hasChanged(options))
        disk.set("c", 2)
        #expect(hasChanged(options))
        #expect(!hasChanged(options))
        disk.set("k", 2)
        #expect(hasChanged(options))
    }

    @Test func goneAndComeBackIsAChange() throws {
        let disk = Disk()
        let options = try options()
        disk.set("c", 1)
        disk.set("k", 1)
        var watch = disk.watch()
        func hasChanged(_ options: TLSOptions) -> Bool { watch.hasChanged(options) }
        _ = hasChanged(options)
        disk.set("c", nil)
        #expect(hasChanged(options))
        disk.set("c", 1)
        #expect(hasChanged(options))
    }

    @Test func otherPathsAreLearntAnew() throws {
        let disk = Disk()
        for path in ["c", "d", "k"] { disk.set(path, 1) }
        var watch = disk.watch()
        func hasChanged(_ options: TLSOptions) -> Bool { watch.hasChanged(options) }
        _ = hasChanged(try options())
        #expect(!hasChanged(try options(certificate: "d")))
    }
}
