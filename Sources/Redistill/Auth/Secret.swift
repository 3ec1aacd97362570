/// Bytes that are never shown: printing, interpolating and reflecting it give ``redacted``.
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

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The secret as a TOML file spells it, or nil when no such file can hold it: it holds UTF-8 without NUL only.
    var toml: String? {
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return TOMLText.quote(text)
    }

    /// Whether there is no secret.
    package var isEmpty: Bool { bytes.isEmpty }

    package var description: String { isEmpty ? "" : Self.redacted }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
