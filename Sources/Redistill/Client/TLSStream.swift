internal import COpenSSL
internal import Glibc

/// A client's side of TLS over a descriptor that does not block, which is borrowed.
final class TLSStream: ServerStream {
    private let context: OpaquePointer
    private let session: OpaquePointer
    private let name: String?
    private let isInsecure: Bool

    init(descriptor: Int32, _ options: TLSClientOptions) throws(ServerProblem) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw Self.problem("OpenSSL can't set up TLS") }
        do throws(ServerProblem) {
            try Self.set(context, options)
            guard let session = SSL_new(context) else { throw Self.problem("OpenSSL can't set up TLS") }
            self.session = session
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        self.context = context
        name = options.serverName
        isInsecure = options.isInsecure
        _ = SSL_set_fd(session, descriptor)
        if let name {
            // An address is no name to ask for.
            if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name) != 1 {
                _ = rdssl_set_tlsext_host_name(session, name)
                _ = SSL_set1_host(session, name)
            }
        }
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
    }

    func open() -> StreamStep {
        ERR_clear_error()
        let result = SSL_connect(session)
        return result == 1 ? .moved(0) : step(after: result)
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> StreamStep {
        ERR_clear_error()
        let count = SSL_read(session, buffer.baseAddress, Int32(buffer.count))
        return count > 0 ? .moved(Int(count)) : step(after: count)
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> StreamStep {
        ERR_clear_error()
        let count = SSL_write(session, bytes.baseAddress, Int32(bytes.count))
        return count > 0 ? .moved(Int(count)) : step(after: count)
    }

    private static func set(_ context: OpaquePointer, _ options: TLSClientOptions) throws(ServerProblem) {
        _ = rdssl_CTX_set_min_proto_version(context, TLS1_2_VERSION)
        rdssl_CTX_set_client_modes(context)
        SSL_CTX_set_verify(context, options.isInsecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
        if options.authorityPaths.isEmpty { _ = SSL_CTX_set_default_verify_paths(context) }
        for path in options.authorityPaths {
            guard SSL_CTX_load_verify_locations(context, path, nil) == 1 else {
                throw problem("\"\(path)\" holds no usable certificate in PEM form")
            }
        }
        // A server's own certificate in the file is as good as its authority's.
        _ = X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), UInt(X509_V_FLAG_PARTIAL_CHAIN))
        guard let path = options.certificatePath else { return }
        guard SSL_CTX_use_certificate_chain_file(context, path) == 1 else {
            throw problem("--cert: \"\(path)\" holds no usable certificate in PEM form")
        }
        let key = options.keyPath ?? path
        guard SSL_CTX_use_PrivateKey_file(context, key, X509_FILETYPE_PEM) == 1 else {
            throw problem("--key: \"\(key)\" holds no usable private key in PEM form")
        }
        guard SSL_CTX_check_private_key(context) == 1 else {
            throw problem("--key: \"\(key)\" does not belong to the certificate in \"\(path)\"")
        }
    }

    private func step(after result: Int32) -> StreamStep {
        let system = errno
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return .wantsToRead
        case SSL_ERROR_WANT_WRITE: return .wantsToWrite
        case SSL_ERROR_ZERO_RETURN: return .ended
        case SSL_ERROR_SYSCALL: return system == 0 ? .ended : .failed(SystemError.text(system))
        default: return .failed(refusal())
        }
    }

    /// Why there is no session, and what to give instead.
    private func refusal() -> String {
        let verdict = SSL_get_verify_result(session)
        guard verdict != 0, !isInsecure, let text = X509_verify_cert_error_string(verdict) else {
            return "TLS: " + Self.reason()
        }
        let isOfAnother = [X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH].contains(Int32(verdict))
        let way =
            isOfAnother
            ? "the certificate is not for \"\(name ?? "")\": give the name that it is for with --sni NAME"
            : "give its authority's certificate with --cacert FILE"
        return "TLS: \(String(cString: text)); \(way), or take any with --insecure"
    }

    private static func problem(_ text: String) -> ServerProblem {
        ServerProblem("\(text) (\(reason()))", isFinal: true)
    }

    /// OpenSSL's words: the oldest error of its queue.
    private static func reason() -> String {
        let code = ERR_peek_error()
        ERR_clear_error()
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown reason"
    }
}
