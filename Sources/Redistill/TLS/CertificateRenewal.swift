internal import Logging

/// Keeps the certificate in use good: takes new files when they come, and warns before the end.
struct CertificateRenewal {
    private let live: LiveConfiguration
    private let logger: Logger
    private var watch = CertificateWatch()

    /// Below this many days the certificate's end is worth a warning a day.
    static let warnedDays = 14

    init(_ live: LiveConfiguration, logger: Logger) {
        self.live = live
        self.logger = logger
    }

    /// Reads the files anew if they have changed, and uses them for connections from now on; the old pair stays when they
    /// don't fit.
    mutating func renewIfChanged() {
        guard let options = TLSOptions(live.configuration), watch.hasChanged(options) else { return }
        live.inTurn { turn in
            do throws(TLSError) {
                turn.apply(try TLSContext.make(options))
                logger.notice("new TLS certificate in use")
            } catch {
                logger.error("the new TLS files can't be used, the old certificate stays: \(error)")
            }
        }
    }

    /// Warns when the certificate ends soon.
    func warnBeforeEnd() {
        guard let expiry = live.certificateExpiry else { return }
        let days = Self.days(until: expiry, from: Clock.wallMicroseconds())
        if days < Self.warnedDays {
            logger.warning("the TLS certificate ends soon", metadata: ["days": .stringConvertible(days)])
        }
    }

    /// Whole days until a certificate ends, negative afterwards.
    ///
    /// - Parameters:
    ///   - expiry: In seconds since 1970.
    ///   - wallTime: In microseconds since 1970.
    static func days(until expiry: Int64, from wallTime: Int64) -> Int64 {
        Int64((Double(expiry - wallTime / 1_000_000) / 86_400).rounded(.down))
    }
}
