internal import Logging
internal import Synchronization

/// Reads the configuration anew when SIGHUP asks for it.
package final class Reloader: Sendable {
    private let live: LiveConfiguration
    private let log: LogBackend
    private let logger: Logger
    private let counts: Mutex<Reloads>

    init(_ live: LiveConfiguration, log: LogBackend) {
        self.live = live
        self.log = log
        logger = log.logger()
        counts = Mutex(Reloads(startedAt: Clock.wallMicroseconds() / 1_000_000))
    }

    /// How it went since the start.
    var reloads: Reloads { counts.withLock { $0 } }

    /// Opens the log's file anew, which is what logrotate waits for. A file that can't be opened fails the reload, too,
    /// which says so.
    func reopenLog() {
        try? log.sink.reopen()
        try? live.audit.reopen()
    }

    /// Reads all sources anew and puts what they say into effect; any failure leaves everything as it was.
    ///
    /// - Returns: Why there is no change, or nil.
    func reload(from sources: ConfigurationSources) -> String? {
        do throws(ConfigurationError) {
            return reload(try ConfigurationLoader.load(sources))
        } catch {
            for problem in error.problems { logger.error("reload failed, the old settings stay: \(problem)") }
            return failed(error.problems.map(\.description).joined(separator: "; "))
        }
    }

    private func failed(_ problem: String) -> String {
        counts.withLock { $0.fail() }
        return problem
    }

    /// Puts a configuration that was read anew into effect. What needs a restart stays as it is, with a line in the log.
    ///
    /// - Returns: Why there is no change, or nil.
    @discardableResult
    package func reload(_ loaded: LoadedConfiguration) -> String? {
        live.inTurn { turn in
            let old = turn.configuration
            var new = loaded.configuration
            var lost = ReloadGuard.lost(from: old, to: new).map(\.rawValue)
            if ReloadGuard.losesUsers(from: old, to: new) { lost.append(KeyName.usersTable) }
            lost += ReloadGuard.widened(from: old, to: new)
            guard lost.isEmpty else {
                logger.error(
                    "reload refused, the old settings stay: no source sets these keys any more; to do without, write \"\", 0, users = [] or, of a user, [\"*\"]",
                    metadata: ["file": "\(new.file ?? old.file ?? "none")", "keys": "\(lost.joined(separator: " "))"])
                return failed("no source sets \(lost.joined(separator: ", ")) any more")
            }
            for key in new.differences(from: old) where key.application == .atRestart {
                logger.warning("\(key.name.rawValue) takes effect at the next start")
                new[key.name] = old[key.name]
            }
            new.foundNode = old.foundNode
            if new.isClustered != old.isClustered {
                logger.warning("\(KeyName.clusterNodes.rawValue) takes effect at the next start")
                new[.clusterNodes] = old[.clusterNodes]
            }
            do throws(ConfigurationChange.Failure) {
                try turn.apply(new, rereadsFiles: true)
                for note in loaded.notes { logger.warning("\(note)") }
                counts.withLock { $0.succeed(at: Clock.wallMicroseconds() / 1_000_000) }
                logger.notice("configuration reloaded", metadata: ["file": "\(new.file ?? "none")"])
                return nil
            } catch {
                logger.error("reload failed, the old settings stay: \(error)")
                return failed("\(error)")
            }
        }
    }
}
