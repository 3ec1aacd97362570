internal import Logging
internal import Synchronization

/// Reads the configuration anew when SIGHUP asks for it.
package final class Reloader: Sendable {
    private let live: LiveConfiguration
    private let logger: Logger
    private let counts = Mutex(Reloads())

    init(_ live: LiveConfiguration, logger: Logger) {
        self.live = live
        self.logger = logger
    }

    /// How it went since the start.
    var reloads: Reloads { counts.withLock { $0 } }

    /// Reads all sources anew and puts what they say into effect; any failure leaves everything as it was.
    func reload(from sources: ConfigurationSources) {
        do throws(ConfigurationError) {
            reload(try ConfigurationLoader.load(sources))
        } catch {
            counts.withLock { $0.failed += 1 }
            for problem in error.problems { logger.error("reload failed, the old settings stay: \(problem)") }
        }
    }

    /// Puts a configuration that was read anew into effect. What needs a restart stays as it is, with a line in the log.
    package func reload(_ loaded: LoadedConfiguration) {
        live.inTurn { turn in
            let old = turn.configuration
            var new = loaded.configuration
            let lost = ReloadGuard.lost(from: old, to: new).map(\.rawValue)
            guard lost.isEmpty else {
                counts.withLock { $0.failed += 1 }
                logger.error(
                    "reload refused, the old settings stay: no source sets these keys any more; to do without, write \"\" or 0",
                    metadata: ["file": "\(new.file ?? old.file ?? "none")", "keys": "\(lost.joined(separator: " "))"])
                return
            }
            for key in new.differences(from: old) where key.application == .atRestart {
                logger.warning("\(key.name.rawValue) takes effect at the next start")
                new[key.name] = old[key.name]
            }
            do throws(ConfigurationChange.Failure) {
                try turn.apply(new, rereadsFiles: true)
                for note in loaded.notes { logger.warning("\(note)") }
                counts.withLock { $0.succeeded += 1 }
                logger.notice("configuration reloaded", metadata: ["file": "\(new.file ?? "none")"])
            } catch {
                counts.withLock { $0.failed += 1 }
                logger.error("reload failed, the old settings stay: \(error)")
            }
        }
    }
}
