internal import Glibc

/// The environment of this process.
package enum ProcessEnvironment {
    /// All variables by name.
    package static func variables() -> [String: ByteText] {
        var variables: [String: ByteText] = [:]
        var next = environ
        while let entry = next.pointee {
            let bytes = UnsafeBufferPointer(start: entry, count: strlen(entry)).map { UInt8(bitPattern: $0) }
            let parts = bytes.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(decoding: parts[0], as: UTF8.self)] = ByteText(parts[1]) }
            next += 1
        }
        return variables
    }
}
