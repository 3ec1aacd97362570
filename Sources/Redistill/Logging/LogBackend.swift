internal import Logging
internal import Synchronization

/// The daemon's logger: one sink and one level that can change while it runs.
package final class LogBackend: Sendable {
    package let sink = LogSink()
    private let level = Atomic<Int>(LogLevelName.rank(of: "info"))

    package init() {}

    /// The least important level that is written.
    package func use(level name: String) {
        level.store(LogLevelName.rank(of: name), ordering: .relaxed)
    }

    /// A swift-log logger that writes here.
    func logger() -> Logger {
        Logger(label: "redistill") { _ in Handler(backend: self) }
    }

    /// Writes a notice whose fields stand below it in their order, one in a line, for a person to read.
    func write(_ message: String, below fields: [LogRecord.Field]) {
        guard Logger.Level.notice >= currentLevel else { return }
        let level = Logger.Level.notice.rawValue
        sink.write(
            LogRecord(time: Timestamp.now(), level: level, message: message, fields: fields, hasFieldsBelow: true))
    }

    fileprivate var currentLevel: Logger.Level { Logger.Level.allCases[level.load(ordering: .relaxed)] }

    private struct Handler: LogHandler {
        let backend: LogBackend
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        private var ownLevel: Logger.Level?

        init(backend: LogBackend) {
            self.backend = backend
        }

        var logLevel: Logger.Level {
            get { ownLevel ?? backend.currentLevel }
            set { ownLevel = newValue }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        /// A number stays one.
        private static func field(_ name: String, _ value: Logger.MetadataValue) -> LogRecord.Field {
            if case .stringConvertible(let number as any BinaryInteger) = value {
                return LogRecord.Field(name, number: number)
            }
            return LogRecord.Field(name, "\(value)")
        }

        func log(event: LogEvent) {
            let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
            let fields = all.sorted { $0.key < $1.key }.map { Self.field($0.key, $0.value) }
            backend.sink.write(
                LogRecord(
                    time: Timestamp.now(), level: event.level.rawValue, message: event.message.description,
                    fields: fields))
        }
    }
}
