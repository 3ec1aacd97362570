internal import COpenSSL

/// The owner of one reference to an OpenSSL `SSL_CTX`.
package struct TLSContext: ~Copyable {
    private let pointer: OpaquePointer
    /// When the certificate ends, in seconds since 1970.
    package let expiry: Int64

    private init(_ pointer: OpaquePointer, expiry: Int64) {
        self.pointer = pointer
        self.expiry = expiry
    }

    /// Sets up a server context: TLS 1.2 or later, certificate chain, key, and what else the options say.
    package static func make(_ options: TLSOptions, files: FileSystem = .real) throws(TLSError) -> TLSContext {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw .noContext(reason()) }
        do throws(TLSError) {
            setDefaults(of: pointer)
            try setAlgorithms(of: pointer, options)
            let expiry = try useCertificate(in: pointer, options, files)
            try useKey(in: pointer, options, files)
            try verifyClients(in: pointer, options, files)
            return TLSContext(pointer, expiry: expiry)
        } catch {
            SSL_CTX_free(pointer)
            throw error
        }
    }

    deinit { SSL_CTX_free(pointer) }

    /// Gives up the reference; whoever takes it frees it.
    consuming func release() -> OpaquePointer {
        let released = pointer
        discard self
        return released
    }

    /// Frees a released reference that nobody took.
    static func free(_ pointer: OpaquePointer) { SSL_CTX_free(pointer) }

    private static func setDefaults(of context: OpaquePointer) {
        _ = rdssl_CTX_set_server_options(context)
        // One system call fetches a record's header and body.
        rdssl_CTX_set_read_ahead(context, 1)
        // Clients keep their sessions themselves, as tickets: what is kept here, 1 KB each and 20,000 of them, would stay
        // when they are gone, and whoever can shake hands could fill it.
        rdssl_CTX_turn_session_cache_off(context)
        // Sessions of clients with certificates are only resumed by the same kind of server.
        let name = Array("redistill".utf8)
        _ = SSL_CTX_set_session_id_context(context, name, UInt32(name.count))
    }

    private static func setAlgorithms(of context: OpaquePointer, _ options: TLSOptions) throws(TLSError) {
        let version = options.minimumVersion == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION
        guard rdssl_CTX_set_min_proto_version(context, version) == 1 else {
            throw .refused(.tlsMinVersion, options.minimumVersion, reason())
        }
        if !options.ciphers.isEmpty, SSL_CTX_set_cipher_list(context, options.ciphers) != 1 {
            throw .refused(.tlsCiphers, options.ciphers, reason())
        }
        if !options.ciphersuites.isEmpty, SSL_CTX_set_ciphersuites(context, options.ciphersuites) != 1 {
            throw .refused(.tlsCiphersuites, options.ciphersuites, reason())
        }
        if !options.groups.isEmpty, rdssl_CTX_set1_groups_list(context, options.groups) != 1 {
            throw .refused(.tlsGroups, options.groups, reason())
        }
    }

    private static func useCertificate(
        in context: OpaquePointer, _ options: TLSOptions, _ files: FileSystem
    ) throws(TLSError) -> Int64 {
        let path = options.certificatePath
        _ = try bytes(of: path, .tlsCertPath, files)
        guard SSL_CTX_use_certificate_chain_file(context, path) == 1,
            let certificate = SSL_CTX_get0_certificate(context)
        else { throw .noCertificate(path, reason()) }
        let end = X509_get0_notAfter(certificate)
        let start = X509_get0_notBefore(certificate)
        // Compared with the current time: below 0 is in the past.
        if X509_cmp_current_time(end) < 0 { throw .expired(path, on: date(end)) }
        if X509_cmp_current_time(start) > 0 { throw .notYetValid(path, before: date(start)) }
        return seconds(end)
    }

    private static func useKey(in context: OpaquePointer, _ options: TLSOptions, _ files: FileSystem) throws(TLSError) {
        let path = options.keyPath
        var bytes = try bytes(of: path, .tlsKeyPath, files)
        defer { OPENSSL_cleanse(&bytes, bytes.count) }
        guard let source = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { throw .noKey(path, reason()) }
        defer { BIO_free(source) }
        // Without a callback OpenSSL would ask the terminal for a passphrase.
        guard let key = PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil) else {
            let isEncrypted = bytes.firstRange(of: Array("ENCRYPTED".utf8)) != nil
            throw isEncrypted ? .encryptedKey(path) : .noKey(path, reason())
        }
        defer { EVP_PKEY_free(key) }
        guard SSL_CTX_use_PrivateKey(context, key) == 1, SSL_CTX_check_private_key(context) == 1 else {
            throw .mismatch(key: path, certificate: options.certificatePath)
        }
    }

    private static func verifyClients(
        in context: OpaquePointer, _ options: TLSOptions, _ files: FileSystem
    ) throws(TLSError) {
        guard options.clientCertificates != .no else { return }
        let path = options.authorityPath
        _ = try bytes(of: path, .tlsCACertPath, files)
        guard SSL_CTX_load_verify_locations(context, path, nil) == 1, let names = SSL_load_client_CA_file(path) else {
            throw .noAuthority(path, reason())
        }
        SSL_CTX_set_client_CA_list(context, names)
        let must = options.clientCertificates == .yes ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | must, nil)
    }

    private static func bytes(of path: String, _ key: KeyName, _ files: FileSystem) throws(TLSError) -> [UInt8] {
        do throws(FileProblem) {
            return try files.bytes(path)
        } catch {
            throw .unreadable(key, path, error.description)
        }
    }

    /// The cause in OpenSSL's words: the oldest error of its queue.
    private static func reason() -> String {
        let code = ERR_peek_error()
        ERR_clear_error()
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown reason"
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        guard let start = ASN1_TIME_set(nil, 0) else { return 0 }
        defer { ASN1_TIME_free(start) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        return ASN1_TIME_diff(&days, &seconds, start, time) == 1 ? Int64(days) * 86_400 + Int64(seconds) : 0
    }

    private static func date(_ time: UnsafePointer<ASN1_TIME>?) -> String {
        String(Timestamp.text(seconds: seconds(time), milliseconds: 0).prefix(10))
    }
}
