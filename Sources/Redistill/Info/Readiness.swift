/// Whether clients should come.
package enum Readiness: String, Sendable, Equatable {
    case starting, ready, draining
}
