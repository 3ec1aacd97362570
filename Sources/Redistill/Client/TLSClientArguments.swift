/// What the command line of a client says of TLS, as redis-cli would be told.
public struct TLSClientArguments: Sendable {
    /// A file with certificates to trust, in place of the system's.
    public var authority: String?
    public var certificate: String?
    public var key: String?
    /// The name that the server's certificate is for, where it is not the host.
    public var serverName: String?
    public var insecure = false

    public init() {}

    /// The same, for any host.
    var options: TLSClientOptions {
        var options = TLSClientOptions()
        options.authorityPaths = authority.map { [$0] } ?? []
        options.certificatePath = certificate
        options.keyPath = key
        options.serverName = serverName
        options.isInsecure = insecure
        return options
    }
}
