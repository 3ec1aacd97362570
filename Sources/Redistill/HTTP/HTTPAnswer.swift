/// The answer to an HTTP request.
package struct HTTPAnswer: Sendable, Equatable {
    /// A response header.
    package struct Header: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    package let status: Int
    package let contentType: String
    package let body: String
    package let headers: [Header]

    init(_ status: Int, _ contentType: String, _ body: String, headers: [Header] = []) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }

    static func text(_ status: Int, _ body: String, headers: [Header] = []) -> HTTPAnswer {
        HTTPAnswer(status, "text/plain; charset=utf-8", body + "\n", headers: headers)
    }

    static func json(_ status: Int, _ body: String) -> HTTPAnswer {
        HTTPAnswer(status, "application/json", body + "\n")
    }
}
