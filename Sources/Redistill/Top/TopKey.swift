/// A key that an operator pressed.
package enum TopKey: Sendable, Equatable {
    case letter(Character)
    /// Tab and the arrows to the right and down, or shift with tab and the other two.
    case next, previous
    case escape
    /// Ctrl-C, Ctrl-Z, Ctrl-L.
    case interrupt, suspend, redraw

    /// The keys that a terminal's bytes mean; what means nothing here is left out.
    package static func all(in bytes: some Collection<UInt8>) -> [TopKey] {
        var keys: [TopKey] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x03: keys.append(.interrupt)
            case 0x09: keys.append(.next)
            case 0x0c: keys.append(.redraw)
            case 0x1a: keys.append(.suspend)
            case 0x1b: if let key = escaped(&rest) { keys.append(key) }
            case 0x20..<0x7f: keys.append(.letter(Character(Unicode.Scalar(byte))))
            default: break
            }
        }
        return keys
    }

    /// What follows an escape: nothing, or a sequence such as `[1;5A`.
    private static func escaped(_ rest: inout ArraySlice<UInt8>) -> TopKey? {
        guard rest.first == UInt8(ascii: "[") || rest.first == UInt8(ascii: "O") else { return .escape }
        rest.removeFirst()
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "B"), UInt8(ascii: "C"): return .next
            case UInt8(ascii: "A"), UInt8(ascii: "D"), UInt8(ascii: "Z"): return .previous
            case 0x40..<0x7f: return nil
            default: continue
            }
        }
        return nil
    }
}
