/// Which server `redistilld top` is to watch.
extension ServerTarget {
    /// Of what the command line says, then the environment's REDISCLI_AUTH, then the configuration.
    ///
    /// - Parameter configuration: The daemon's, where the command line names its file.
    package init(
        _ arguments: TopArguments, environment: [String: ByteText], configuration: Configuration?
    ) throws(ServerProblem) {
        let endpoint = configuration.flatMap { Self.endpoint(in: $0, arguments) }
        let host = arguments.host ?? endpoint.flatMap { $0.isUnixSocket ? nil : HealthProbe.reachable($0.address) }
        let port = endpoint.flatMap { $0.isUnixSocket ? nil : $0.port }
        let namesTCP = arguments.host != nil || arguments.port != nil
        if let path = arguments.socket ?? (namesTCP ? nil : endpoint.flatMap { $0.isUnixSocket ? $0.address : nil }) {
            self.init(place: .unix(path: path))
        } else {
            self.init(place: .tcp(address: host ?? "127.0.0.1", port: arguments.port ?? port ?? 6379))
            expectsProxy = endpoint?.expectsProxy ?? false
        }
        user = arguments.user
        password = Self.password(arguments, environment, configuration)
        let speaksTLS = arguments.socket == nil && !namesTCP && endpoint?.tls == true
        if arguments.tls || speaksTLS {
            tls = Self.options(arguments, host: host ?? "127.0.0.1", speaksTLS ? configuration : nil)
        }
        if user != nil && password == nil {
            throw ServerProblem("--user needs a password: set REDISCLI_AUTH, or give -a PASSWORD", exitCode: 64)
        }
    }

    /// The endpoint of a configuration that is the easiest to reach: TCP, then the socket, then TLS.
    private static func endpoint(in configuration: Configuration, _ arguments: TopArguments) -> HotEndpoint? {
        let all = HotEndpoint.all(in: configuration)
        if arguments.tls { return all.first { $0.tls } ?? all.first }
        return all.first { !$0.tls } ?? all.first
    }

    private static func password(
        _ arguments: TopArguments, _ environment: [String: ByteText], _ configuration: Configuration?
    ) -> Secret? {
        if let password = arguments.password { return Secret(password) }
        if let password = environment["REDISCLI_AUTH"], !password.bytes.isEmpty {
            return Secret(bytes: SecretText.alone(in: password).bytes)
        }
        let password = configuration?.secret(.password) ?? .none
        return password.isEmpty ? nil : password
    }

    private static func options(
        _ arguments: TopArguments, host: String, _ configuration: Configuration?
    ) -> TLSClientOptions {
        var options = arguments.tlsArguments.options
        if let configuration, arguments.tlsArguments.authority == nil {
            // Who can read the daemon's own certificate need not trust a name.
            options.authorityPaths = [configuration.text(.tlsCertPath)]
        } else if options.serverName == nil {
            options.serverName = host
        }
        return options
    }
}
