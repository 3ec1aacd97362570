/// How a client speaks TLS.
package struct TLSClientOptions: Sendable, Equatable {
    /// Files with certificates in PEM form, one of which must stand above the server's or be it. None: the system's.
    package var authorityPaths: [String] = []
    /// Ours and its key, for a server that asks for one.
    package var certificatePath: String?
    package var keyPath: String?
    /// The name or address that the certificate must be for, and that is asked for; nil where the files hold the
    /// server's very certificate.
    package var serverName: String?
    /// Whether any certificate will do.
    package var isInsecure = false

    package init() {}
}
