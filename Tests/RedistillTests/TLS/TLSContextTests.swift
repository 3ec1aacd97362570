import Foundation
import Redistill
import Testing

/// Certificates made by the openssl command in a folder of their own.
private struct Certificates {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "redistill-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func make(_ name: String, from start: String? = nil, to end: String? = nil) throws {
        try openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path("\(name).key"))
        try openssl("req", "-new", "-key", path("\(name).key"), "-subj", "/CN=\(name)", "-out", path("\(name).csr"))
        guard let start, let end else {
            try openssl(
                "x509", "-req", "-in", path("\(name).csr"), "-signkey", path("\(name).key"), "-days", "30", "-out",
                path("\(name).crt"))
            return
        }
        // Only `openssl ca` can choose both dates in OpenSSL 3.0.
        try "".write(toFile: path("index.txt"), atomically: true, encoding: .utf8)
        try """
        [ca]
        default_ca = d
        [d]
        database = \(path("index.txt"))
        new_certs_dir = \(folder)
        default_md = sha256
        policy = p
        rand_serial = yes
        [p]
        commonName = supplied
        """.write(toFile: path("ca.cnf"), atomically: true, encoding: .utf8)
        try openssl(
            "ca", "-batch", "-selfsign", "-config", path("ca.cnf"), "-keyfile", path("\(name).key"), "-in",
            path("\(name).csr"), "-startdate", start, "-enddate", end, "-out", path("\(name).crt"), "-notext")
    }

    func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

@Suite struct TLSContextTests {
    /// Nil when the context can be made, else the error's text.
    private func failure(
        _ certificates: Certificates, certificate: String = "good.crt", key: String = "good.key",
        change: (inout TLSOptions) -> Void = { _ in }
    ) throws -> String? {
        let configuration = try configuration(flags: [
            "tls_enabled": "true", "tls_cert_path": certificates.path(certificate),
            "tls_key_path": certificates.path(key),
        ])
        var options = try #require(TLSOptions(configuration))
        change(&options)
        do throws(TLSError) {
            let context = try TLSContext.make(options)
            #expect(context.expiry > Int64(Date.now.timeIntervalSince1970))
            return nil
        } catch {
            return error.description.replacingOccurrences(of: certificates.folder + "/", with: "")
        }
    }

    @Test func certificateAndKeyMakeAContext() throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        try certificates.make("good")
        #expect(try failure(certificates) == nil)
        #expect(
            try failure(certificates) {
                $0.minimumVersion = "1.3"
                $0.ciphers = "ECDHE+AESGCM"
                $0.ciphersuites = "TLS_AES_256_GCM_SHA384"
                $0.groups = "X25519:P-256"
                $0.clientCertificates = .yes
                $0.authorityPath = certificates.path("good.crt")
            } == nil)
    }

    @Test func everyMistakeHasItsLine() throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        try certificates.make("good")
        try certificates.make("other")
        try certificates.make("old", from: "20200101000000Z", to: "20200201000000Z")
        try certificates.make("future", from: "21000101000000Z", to: "21010101000000Z")
        try certificates.openssl(
            "pkey", "-in", certificates.path("good.key"), "-aes128", "-passout", "pass:x", "-out",
            certificates.path("locked.key"))
        try "rubbish".write(toFile: certificates.path("rubbish"), atomically: true, encoding: .utf8)

        #expect(
            try failure(certificates, certificate: "gone.crt")
                == "tls_cert_path: cannot read \"gone.crt\": No such file or directory")
        #expect(
            try failure(certificates, key: "gone.key")
                == "tls_key_path: cannot read \"gone.key\": No such file or directory")
        #expect(
            try failure(certificates, key: "other.key")
                == "tls_key_path: the key in \"other.key\" does not belong to the certificate in \"good.crt\"")
        #expect(
            try failure(certificates, certificate: "old.crt", key: "old.key")
                == "tls_cert_path: the certificate in \"old.crt\" expired on 2020-02-01")
        #expect(
            try failure(certificates, certificate: "future.crt", key: "future.key")
                == "tls_cert_path: the certificate in \"future.crt\" is not valid before 2100-01-01")
        #expect(
            try failure(certificates, key: "locked.key")
                == "tls_key_path: the key in \"locked.key\" is protected by a passphrase; keep it in a file without one"
        )
        #expect(
            try failure(certificates, certificate: "rubbish")
                == "tls_cert_path: \"rubbish\" holds no usable certificate in PEM form (no start line)")
        #expect(
            try #require(try failure(certificates, key: "rubbish"))
                .hasPrefix("tls_key_path: \"rubbish\" holds no usable private key in PEM form ("))
        #expect(
            try failure(certificates) {
                $0.clientCertificates = .optional
                $0.authorityPath = certificates.path("rubbish")
            }?
            .hasPrefix("tls_ca_cert_path: \"rubbish\" holds no usable certificate in PEM form (") == true)
        #expect(
            try failure(certificates) { $0.ciphers = "nonsense" }
                == "tls_ciphers: OpenSSL refuses \"nonsense\" (no cipher match)")
        #expect(
            try failure(certificates) { $0.groups = "nonsense" }?.hasPrefix("tls_groups: OpenSSL refuses \"nonsense\"")
                == true)
        #expect(
            try failure(certificates) { $0.ciphersuites = "nonsense" }?.hasPrefix(
                "tls_ciphersuites: OpenSSL refuses \"nonsense\"") == true)
    }
}
