/// Something that a Redis configuration says and the imported one does not.
package struct RedisLoss: Sendable, Equatable {
    /// What an operator would miss, the gravest first.
    package enum Kind: Sendable, CaseIterable {
        case security, limit, behaviour

        /// The heading of those of this kind.
        var title: String {
            switch self {
            case .security: "Security"
            case .limit: "Limits"
            case .behaviour: "Behaviour"
            }
        }
    }

    package let kind: Kind
    /// `redis.conf:12`, or nil when no line says it.
    package let place: String?
    package let directive: String
    /// A sentence without any secret.
    package let reason: String

    /// `redis.conf:12: rename-command: FLUSHALL can be called by its name here`.
    package var line: String { [place, directive, reason].compactMap { $0 }.joined(separator: ": ") }

    /// The losses under the headings of their kinds, one in a line.
    static func grouped(_ losses: [RedisLoss]) -> String {
        Kind.allCases.map { kind in
            let lines = losses.filter { $0.kind == kind }.map { "  \($0.line)\n" }
            return lines.isEmpty ? "" : "\(kind.title), lost:\n" + lines.joined()
        }.joined()
    }
}
