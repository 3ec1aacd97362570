/// The limit on what clients make the daemon hold together: `max_client_memory`, Redis's `maxmemory-clients`.
package enum ClientMemory {
    /// The word for a share that suits `max_memory`.
    static let automatic = "auto"

    private static let least: Int64 = 16 << 20

    /// The limit in bytes under a configuration; 0 for none.
    package static func bytes(in configuration: Configuration) -> Int64 {
        let all = configuration.integer(.maxMemory)
        switch configuration[.maxClientMemory].value {
        case .integer(let bytes): return bytes
        case .text(let text) where text.hasSuffix("%"):
            // Of no limit there is no share, as in Redis.
            return all / 100 * (Int64(text.dropLast()) ?? 0)
        default:
            // Room for a few unusual requests even in a small cache, but never most of it.
            return min(max(all / 8, least), all / 4)
        }
    }

    /// Reads "auto", a share such as "5%", or a size.
    static func read(_ raw: RawValue) throws(ValueProblem) -> ConfigurationValue {
        switch raw {
        case .integer(let bytes) where (0...ByteSize.largest).contains(bytes): return .integer(bytes)
        case .text(let text):
            if text.lowercased() == automatic { return .text(automatic) }
            if text.hasSuffix("%") {
                guard let share = Int64(text.dropLast()), (1...100).contains(share) else { throw .noShare }
                return .text("\(share)%")
            }
            guard let bytes = ByteSize.parse(text) else { throw .noSize(text) }
            guard bytes <= ByteSize.largest else { throw .notAllowed }
            return .integer(bytes)
        default: throw .notAllowed
        }
    }
}
