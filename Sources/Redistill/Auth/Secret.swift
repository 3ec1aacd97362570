/// A text that is never shown: printing, interpolating and reflecting it give ``redacted``.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What is shown in place of a secret.
    package static let redacted = "<redacted>"

    /// No secret.
    package static let none = Secret("")

    /// The secret itself. Name it only where it is used.
    package let bytes: [UInt8]

    package init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Whether there is no secret.
    package var isEmpty: Bool { bytes.isEmpty }

    package var description: String { isEmpty ? "" : Self.redacted }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
