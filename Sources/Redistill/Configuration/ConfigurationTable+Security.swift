extension ConfigurationTable {
    /// The keys of `[security]`.
    static let security: [ConfigurationKey] = [
        ConfigurationKey(
            .password, in: .security, .secret, default: .secret(.none), .atOnce,
            redis: ["requirepass"], environment: ["REDIS_PASSWORD"],
            help: "Password that clients give with AUTH or HELLO; empty for none. Better kept in password_file."),
        ConfigurationKey(
            .passwordFile, in: .security, .path, default: .text(""), .onReload,
            environment: ["REDIS_PASSWORD_FILE"], fills: .password,
            help: "File whose first line is the password; its line end and a byte order mark are no part of it."),
        ConfigurationKey(
            .protectedMode, in: .security, .flag, default: .flag(true), .atOnce,
            redis: ["protected-mode"],
            help: "Without a password, serve only clients of this machine."),
        ConfigurationKey(
            .authTimeout, in: .security, .duration(0...TimeText.day), default: .integer(60_000), .atOnce,
            help: "Time that a client has to authenticate when there is a password; 0 for no limit."),
        ConfigurationKey(
            .authFailureDelay, in: .security, .duration(0...60_000), default: .integer(500), .atOnce,
            help: """
                After ten wrong passwords from an address the answer to a wrong one takes this long, after twenty twice as \
                long, after thirty four times; 0 for no delay. A right one is never delayed.
                """),
        ConfigurationKey(
            .enableDebugCommand, in: .security, .choice(["no", "local", "yes"]), default: .text("no"), .atRestart,
            redis: ["enable-debug-command"],
            help: "Who may use DEBUG, which test suites need: nobody, clients of this machine, or everybody."),
        ConfigurationKey(
            .tlsEnabled, in: .security, .flag, default: .flag(false), .atRestart,
            help: "Speak TLS on port."),
        ConfigurationKey(
            .tlsPort, in: .security, .integer(0...65_535), default: .integer(0), .atRestart,
            redis: ["tls-port"],
            help: "A TLS port beside the plain one; 0 for none."),
        ConfigurationKey(
            .tlsCertPath, in: .security, .path, default: .text(""), .atOnce,
            redis: ["tls-cert-file"],
            help: "PEM file with the certificate and those that lead to its authority, as in fullchain.pem."),
        ConfigurationKey(
            .tlsKeyPath, in: .security, .path, default: .text(""), .atOnce,
            redis: ["tls-key-file"],
            help: "PEM file with the certificate's private key, without a passphrase."),
        ConfigurationKey(
            .tlsCACertPath, in: .security, .path, default: .text(""), .atOnce,
            redis: ["tls-ca-cert-file"],
            help: "PEM file with the authorities that client certificates must come from."),
        ConfigurationKey(
            .tlsAuthClients, in: .security, .choice(["no", "optional", "yes"]), default: .text("no"), .atOnce,
            redis: ["tls-auth-clients"],
            help: "Whether clients must show a certificate of tls_ca_cert_path."),
        ConfigurationKey(
            .tlsAuthClientsUser, in: .security, .choice(["off", "CN"]), default: .text("off"), .atOnce,
            redis: ["tls-auth-clients-user"],
            help: """
                "CN": a client is logged in as the user of [[users]] that its certificate's common name is, without a \
                password; where there is none it is default, or has to say a password.
                """),
        ConfigurationKey(
            .tlsMinVersion, in: .security, .choice(["1.2", "1.3"]), default: .text("1.2"), .atOnce,
            help: "The oldest TLS version that is accepted."),
        ConfigurationKey(
            .tlsCiphers, in: .security, .text, default: .text(""), .atOnce,
            redis: ["tls-ciphers"],
            help: "Cipher list for TLS 1.2 in OpenSSL's syntax; empty for OpenSSL's own."),
        ConfigurationKey(
            .tlsCiphersuites, in: .security, .text, default: .text(""), .atOnce,
            redis: ["tls-ciphersuites"],
            help: "Cipher suites for TLS 1.3 in OpenSSL's syntax; empty for OpenSSL's own."),
        ConfigurationKey(
            .tlsGroups, in: .security, .text, default: .text(""), .atOnce,
            help: "Key exchange groups in OpenSSL's syntax, such as \"X25519:P-256\"; empty for OpenSSL's own."),
        ConfigurationKey(
            .tlsHandshakeTimeout, in: .security, .duration(100...TimeText.day), default: .integer(10_000), .atOnce,
            help: "Time that a client has to finish the TLS handshake."),
        ConfigurationKey(
            .tlsHandshakeLimit, in: .security, .integer(0...10_000_000), default: .integer(1000), .atOnce,
            help: "TLS handshakes under way at once; more connections are refused. 0 for no limit."),
        ConfigurationKey(
            .healthToken, in: .security, .secret, default: .secret(.none), .atOnce,
            help: "Token that HTTP requests must carry, as a bearer token or, as browsers do, as the password of any user; /health/live and "
                + "/health/ready apart. Empty for none."),
        ConfigurationKey(
            .healthTokenFile, in: .security, .path, default: .text(""), .onReload,
            fills: .healthToken,
            help: "File whose first line is health_token; its line end and a byte order mark are no part of it."),
    ]
}
