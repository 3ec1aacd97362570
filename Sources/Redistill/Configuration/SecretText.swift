/// Secrets as files and variables hold them: bytes, which need not be UTF-8, between what editors and shells add.
enum SecretText {
    private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    private static let lineFeed = UInt8(ascii: "\n")

    /// The first line of a file. Only what ends a line of a text file ends it.
    static func firstLine(of text: ByteText) -> ByteText {
        alone(in: ByteText(text.bytes.prefix { $0 != lineFeed } + [lineFeed]))
    }

    /// A text without the byte order mark before it and the one line end behind it, which nobody types with AUTH: of a
    /// Kubernetes secret made by `echo`, or of a file that Notepad has written.
    static func alone(in text: ByteText) -> ByteText {
        var bytes = text.bytes[...]
        if bytes.starts(with: mark) { bytes.removeFirst(mark.count) }
        if bytes.last == lineFeed { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return ByteText(bytes)
    }
}
