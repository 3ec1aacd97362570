/// What the command line says of `redistilld migrate`.
public struct MigrateArguments: Sendable {
    /// The URL of the server that keys come from.
    public var source: String
    /// The URL of the server that they go to; nil: of the configuration, or the usual port of this machine.
    public var target: String?
    /// The configuration file of the daemon that they go to.
    public var config: String?
    /// Redis's glob; nil: all keys.
    public var pattern: String?
    /// Keys a second that are copied or compared at most; 0: as many as can be.
    public var rate = 0
    /// Whether to end when all are copied, and not to wait for the cut-over.
    public var isOnce = false
    /// For how many seconds the source's clients may not write after the cut-over; 0: they may.
    public var pauseSeconds = 0
    /// Whether there may be keys where they go to.
    public var replaces = false
    /// Whether to compare all in the end.
    public var compares = true
    /// Of both servers, where they speak TLS.
    public var tlsArguments = TLSClientArguments()

    public init(source: String) {
        self.source = source
    }
}
