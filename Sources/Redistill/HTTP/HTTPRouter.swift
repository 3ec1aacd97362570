/// Answers HTTP requests, a pure function of request and snapshot.
package enum HTTPRouter {
    /// - Parameters:
    ///   - snapshot: Is only taken when the path needs one.
    ///   - details: Are only taken for who may be told.
    ///   - token: What all but the two probes asks for, or none.
    package static func answer(
        _ request: HTTPRequest, token: Authenticator.Token, snapshot: () -> InfoSnapshot, details: () -> StatusDetails
    ) -> HTTPAnswer {
        guard let route = routes[request.path] else { return .text(404, "there is nothing at this path") }
        guard ["GET", "HEAD"].contains(request.method) else {
            return .text(
                405, "only GET and HEAD are answered", headers: [HTTPAnswer.Header(name: "Allow", value: "GET, HEAD")])
        }
        // Orchestrators probe without credentials; these two tell nothing but yes or no.
        guard route == .live || route == .ready || token.accepts(authorization: request.authorization) else {
            return .text(401, "the token is needed, as a bearer token or as a password", headers: challenges)
        }
        switch route {
        case .live: return .text(200, "live")
        case .ready: return ready(snapshot())
        case .health: return HealthBody.answer(snapshot())
        case .page: return StatusPage.answer(report(for: request, token, snapshot(), details))
        case .status: return .json(200, StatusBody.text(of: report(for: request, token, snapshot(), details)))
        case .metrics:
            let format = MetricsFormat(accept: request.accept)
            return HTTPAnswer(200, format.contentType, MetricsBody.text(of: snapshot(), in: format))
        }
    }

    private enum Route { case page, status, live, ready, health, metrics }

    private static let routes: [String: Route] = [
        "/": .page, "/status.json": .status, "/health": .health, "/health/live": .live, "/health/ready": .ready, "/metrics": .metrics,
    ]

    /// A browser asks its user for a password, and sends it with whatever it asks for next.
    private static let challenges = ["Bearer", "Basic realm=\"Redistill\", charset=\"UTF-8\""].map {
        HTTPAnswer.Header(name: "WWW-Authenticate", value: $0)
    }

    private static func report(
        for request: HTTPRequest, _ token: Authenticator.Token, _ snapshot: InfoSnapshot, _ details: () -> StatusDetails
    ) -> StatusReport {
        let mayBeTold = StatusDetails.mayBeTold(to: request, token: token, snapshot.configuration)
        return StatusReport(snapshot: snapshot, details: mayBeTold ? details() : nil)
    }

    private static func ready(_ snapshot: InfoSnapshot) -> HTTPAnswer {
        snapshot.notReady.map { .text(503, $0) } ?? .text(200, "ready")
    }
}
