/// What the command line says of `redistilld top`, as redis-cli would be told.
public struct TopArguments: Sendable {
    /// The configuration file of the daemon to watch; the rest overrides it.
    public var config: String?
    public var host: String?
    public var port: UInt16?
    /// The path of a Unix socket.
    public var socket: String?
    public var user: String?
    public var password: String?
    public var tls = false
    public var tlsArguments = TLSClientArguments()
    /// Seconds between two looks, 0.1 to 60.
    public var interval = 1.0

    public init() {}
}
