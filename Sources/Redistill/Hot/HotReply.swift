/// A reply of the control plane to a command.
package enum HotReply: Sendable, Equatable {
    case ok
    /// With its code: "ERR ...". It may quote what the client sent.
    case failure(ByteText)
    case map([Pair])
    case bulk(ByteText)
    case integers([Int64])

    static func error(_ text: String) -> HotReply { .failure(ByteText(text)) }

    /// A name and its value.
    package struct Pair: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
}
