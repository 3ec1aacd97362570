/// An HTTP request, as far as it matters here; stands for `rd_http_request`.
package struct HTTPRequest: Sendable, Equatable {
    package let method: String
    /// Decoded, without the query.
    package let path: String
    /// The `Authorization` header, or nil.
    package let authorization: ByteText?
    /// The `Accept` header, or empty.
    package let accept: String
    /// The `Host` header, or empty.
    package let host: String

    package init(
        method: String, path: String, authorization: ByteText? = nil, accept: String = "", host: String = ""
    ) {
        self.method = method
        self.path = path
        self.authorization = authorization
        self.accept = accept
        self.host = host
    }
}
