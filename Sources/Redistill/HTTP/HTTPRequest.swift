/// An HTTP request, as far as it matters here; stands for `rd_http_request`.
package struct HTTPRequest: Sendable, Equatable {
    package let method: String
    /// Decoded, without the query.
    package let path: String
    /// The `Authorization` header, or nil.
    package let authorization: ByteText?

    package init(method: String, path: String, authorization: ByteText? = nil) {
        self.method = method
        self.path = path
        self.authorization = authorization
    }
}
