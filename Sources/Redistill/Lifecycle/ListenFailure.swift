internal import Glibc

/// Why the daemon can't listen somewhere, in the configuration's words: which key, and what to write instead.
enum ListenFailure {
    /// One place to listen on, as `rd_bind` names it, and the keys that say so.
    private struct Place {
        let name: String
        let address: KeyName
        let port: KeyName
    }

    /// The hot path's error, with the key that it is about where it is one of listening. Reads what is at a socket's path.
    static func explain(_ error: HotError, _ configuration: Configuration) -> ConfigurationRemark {
        let place = places(configuration).first { error.description.hasPrefix("cannot listen on \($0.name): ") }
        guard let place else { return ConfigurationRemark(error.description) }
        let (name, advice) = advice(error.systemError, place, configuration)
        return ConfigurationRemark(
            error.description + (advice.map { "; \($0)" } ?? ""), key: name.rawValue,
            at: configuration[name].origin.written)
    }

    private static func places(_ configuration: Configuration) -> [Place] {
        let endpoints = HotEndpoint.all(in: configuration).map { endpoint in
            endpoint.isUnixSocket
                ? Place(name: endpoint.address, address: .unixSocket, port: .unixSocket)
                : Place(
                    name: "\(endpoint.address) port \(endpoint.port)", address: .bind,
                    port: Int64(endpoint.port) == configuration.integer(.tlsPort) ? .tlsPort : .port)
        }
        let port = configuration.integer(.healthCheckPort)
        guard port > 0 else { return endpoints }
        let bind = configuration.text(.healthCheckBind).isEmpty ? KeyName.bind : .healthCheckBind
        return endpoints + [Place(name: "\(configuration.httpAddress) port \(port)", address: bind, port: .healthCheckPort)]
    }

    private static func advice(
        _ systemError: Int32, _ place: Place, _ configuration: Configuration
    ) -> (KeyName, String?) {
        switch systemError {
        case EADDRINUSE where place.port == .unixSocket:
            var status = stat()
            let isSocket = stat(place.name, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
            return (
                place.port,
                isSocket
                    ? "another process listens there: end that one, or write another path"
                    : "what is there is no socket: take it away, or write another path"
            )
        case EADDRINUSE:
            return (place.port, "another process has this port: end that one, or write another number")
        case EACCES where place.port != .unixSocket:
            return (place.port, "ports below 1024 need CAP_NET_BIND_SERVICE: write a larger one")
        case ENOENT where place.port == .unixSocket:
            return (place.port, "its directory has to be there before the start")
        case EADDRNOTAVAIL where place.address == .bind:
            return (
                .bind, "this machine has no such address: write one of its own, or \"-\" before one that may be missing"
            )
        case EADDRNOTAVAIL:
            return (place.address, "this machine has no such address: write one of its own")
        default:
            return (place.address, nil)
        }
    }
}
