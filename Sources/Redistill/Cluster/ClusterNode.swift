/// A node of a cluster: where clients connect to it, and its id, which follows from that on every daemon alike.
package struct ClusterNode: Sendable, Hashable {
    /// An address without brackets, or a name; in lower case.
    package let host: String
    package let port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `10.0.0.1:6379`, `[::1]:6379` or `cache-1.internal:6379`; nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits), port > 0 else { return nil }
        var host = text[..<colon].lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
        } else {
            guard host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }) else { return nil }
        }
        guard (1...255).contains(host.utf8.count) else { return nil }
        self.init(host: host, port: port)
    }

    /// As the configuration writes it.
    package var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Forty hexadecimal digits.
    package var id: String {
        Array(text.utf8).withUnsafeBufferPointer { String(decoding: ScriptDigest.hexadecimal($0), as: UTF8.self) }
    }
}

extension ValueType {
    /// Nodes in their own spelling, each once. None is allowed: there is no cluster then.
    static func nodes(_ raw: RawValue) throws(ValueProblem) -> [String] {
        let texts: [String]
        switch raw {
        case .text(let text): texts = text.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
        case .list(let values):
            texts = values.map { if case .text(let text) = $0 { text } else { "" } }
        default: throw .notAllowed
        }
        guard texts.count <= ClusterMap.mostNodes else {
            throw ValueProblem(reason: "there are at most \(ClusterMap.mostNodes) nodes")
        }
        var nodes: [String] = []
        for text in texts {
            guard let node = ClusterNode(text) else {
                throw ValueProblem(reason: "\"\(text)\" is no address with a port, such as \"10.0.0.1:6379\"")
            }
            guard !nodes.contains(node.text) else { throw ValueProblem(reason: "\"\(node.text)\" stands there twice") }
            nodes.append(node.text)
        }
        return nodes
    }
}
