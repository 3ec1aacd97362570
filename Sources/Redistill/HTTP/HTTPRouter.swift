/// Answers HTTP requests, a pure function of request and snapshot.
package enum HTTPRouter {
    /// - Parameters:
    ///   - snapshot: Is only taken when the path needs one.
    ///   - token: The bearer token that `/health` and `/metrics` ask for, or none.
    package static func answer(
        _ request: HTTPRequest, token: Authenticator.Token, snapshot: () -> InfoSnapshot
    ) -> HTTPAnswer {
        guard let route = routes[request.path] else { return .text(404, "there is nothing at this path") }
        guard ["GET", "HEAD"].contains(request.method) else {
            return .text(
                405, "only GET and HEAD are answered", headers: [HTTPAnswer.Header(name: "Allow", value: "GET, HEAD")])
        }
        // Orchestrators probe without credentials; these two tell nothing but yes or no.
        guard route == .live || route == .ready || token.accepts(authorization: request.authorization) else {
            return .text(
                401, "a bearer token is needed", headers: [HTTPAnswer.Header(name: "WWW-Authenticate", value: "Bearer")]
            )
        }
        switch route {
        case .live: return .text(200, "live")
        case .ready: return ready(snapshot())
        case .health: return HealthBody.answer(snapshot())
        case .metrics:
            let format = MetricsFormat(accept: request.accept)
            return HTTPAnswer(200, format.contentType, MetricsBody.text(of: snapshot(), in: format))
        }
    }

    private enum Route { case live, ready, health, metrics }

    private static let routes: [String: Route] = [
        "/health": .health, "/health/live": .live, "/health/ready": .ready, "/metrics": .metrics,
    ]

    private static func ready(_ snapshot: InfoSnapshot) -> HTTPAnswer {
        snapshot.notReady.map { .text(503, $0) } ?? .text(200, "ready")
    }
}
