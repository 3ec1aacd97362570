/// A checked value of a key. Sizes are bytes, durations milliseconds.
package enum ConfigurationValue: Sendable, Equatable {
    case integer(Int64)
    case flag(Bool)
    case text(String)
    case list([String])
    case secret(Secret)
}
