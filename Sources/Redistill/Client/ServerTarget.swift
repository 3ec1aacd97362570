/// A server, and how it is reached.
package struct ServerTarget: Sendable, Equatable {
    package var place: ClientSocket.Place
    package var user: String?
    package var password: Secret?
    package var tls: TLSClientOptions?
    /// Whether the server expects a PROXY header first.
    package var expectsProxy = false
    package var database = 0

    package init(place: ClientSocket.Place) {
        self.place = place
    }
}
