/// Why TLS can't be set up: a sentence for a person.
package struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    private init(_ key: KeyName, _ message: String) {
        description = "\(key.rawValue): \(message)"
    }

    static func unreadable(_ key: KeyName, _ path: String, _ reason: String) -> TLSError {
        TLSError(key, "cannot read \"\(path)\": \(reason)")
    }

    static func noCertificate(_ path: String, _ reason: String) -> TLSError {
        TLSError(.tlsCertPath, "\"\(path)\" holds no usable certificate in PEM form (\(reason))")
    }

    static func noKey(_ path: String, _ reason: String) -> TLSError {
        TLSError(.tlsKeyPath, "\"\(path)\" holds no usable private key in PEM form (\(reason))")
    }

    static func encryptedKey(_ path: String) -> TLSError {
        TLSError(.tlsKeyPath, "the key in \"\(path)\" is protected by a passphrase; keep it in a file without one")
    }

    static func mismatch(key: String, certificate: String) -> TLSError {
        TLSError(.tlsKeyPath, "the key in \"\(key)\" does not belong to the certificate in \"\(certificate)\"")
    }

    static func expired(_ path: String, on date: String) -> TLSError {
        TLSError(.tlsCertPath, "the certificate in \"\(path)\" expired on \(date)")
    }

    static func notYetValid(_ path: String, before date: String) -> TLSError {
        TLSError(.tlsCertPath, "the certificate in \"\(path)\" is not valid before \(date)")
    }

    static func noAuthority(_ path: String, _ reason: String) -> TLSError {
        TLSError(.tlsCACertPath, "\"\(path)\" holds no usable certificate in PEM form (\(reason))")
    }

    static func refused(_ key: KeyName, _ value: String, _ reason: String) -> TLSError {
        TLSError(key, "OpenSSL refuses \"\(value)\" (\(reason))")
    }

    static func noContext(_ reason: String) -> TLSError {
        TLSError(.tlsEnabled, "OpenSSL can't set up TLS (\(reason))")
    }
}
