/// What a TLS context is made from.
package struct TLSOptions: Sendable, Equatable {
    /// Whether clients must show a certificate.
    package enum ClientCertificates: String, Sendable {
        case no, optional, yes
    }

    package var certificatePath: String
    package var keyPath: String
    package var authorityPath: String
    package var clientCertificates: ClientCertificates
    /// "1.2" or "1.3".
    package var minimumVersion: String
    package var ciphers: String
    package var ciphersuites: String
    package var groups: String

    /// The options of a configuration, or nil when it uses no TLS.
    package init?(_ configuration: Configuration) {
        guard configuration.usesTLS else { return nil }
        certificatePath = configuration.text(.tlsCertPath)
        keyPath = configuration.text(.tlsKeyPath)
        authorityPath = configuration.text(.tlsCACertPath)
        clientCertificates = ClientCertificates(rawValue: configuration.text(.tlsAuthClients)) ?? .yes
        minimumVersion = configuration.text(.tlsMinVersion)
        ciphers = configuration.text(.tlsCiphers)
        ciphersuites = configuration.text(.tlsCiphersuites)
        groups = configuration.text(.tlsGroups)
    }
}
