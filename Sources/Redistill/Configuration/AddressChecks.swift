/// What is wrong with addresses and paths to listen on, on any machine.
enum AddressChecks {
    /// Bytes that the kernel has for a Unix socket's path, less the one that ends it.
    private static let longestPath = 107

    static func problems(_ configuration: Configuration) -> [(key: KeyName, message: String)] {
        var problems: [(KeyName, String)] = configuration.list(.bind).compactMap { address in
            problem(with: address, port: .port).map { (.bind, $0) }
        }
        let health = configuration.text(.healthCheckBind)
        if !health.isEmpty, let message = problem(with: health, port: .healthCheckPort) {
            problems.append((.healthCheckBind, message))
        }
        let length = configuration.text(.unixSocket).utf8.count
        if length > longestPath {
            problems.append(
                (.unixSocket, "the path has \(length) bytes, and the kernel takes \(longestPath); write a shorter one"))
        }
        return problems
    }

    private static func problem(with text: String, port: KeyName) -> String? {
        let address = HotEndpoint.bare(text)
        if address.contains("/") { return "\"\(text)\" is a path; write it to unix_socket" }
        if address.hasPrefix("[") {
            let bare = address.dropFirst().prefix { $0 != "]" }
            let rest = address.dropFirst(bare.count + 2)
            guard rest.hasPrefix(":") else { return "\"\(text)\" has brackets; write \"\(bare)\"" }
            return holdsPort(text, String(bare), rest.dropFirst(), port)
        }
        let parts = address.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? holdsPort(text, parts[0].isEmpty ? "*" : String(parts[0]), parts[1], port) : nil
    }

    private static func holdsPort(_ text: String, _ address: String, _ number: Substring, _ port: KeyName) -> String {
        "\"\(text)\" has a port in it; write \"\(address)\" and \(port.rawValue) = \(number)"
    }
}
