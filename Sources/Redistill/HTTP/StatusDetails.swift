/// What names keys, clients and files: told to those who may see it.
package struct StatusDetails: Sendable {
    package var slowCommands: [HotSlowCommand]
    package var clients: [HotClientSize]
    /// Nil: nobody has searched for them.
    package var hotKeys: HotKeys?

    package init(slowCommands: [HotSlowCommand] = [], clients: [HotClientSize] = [], hotKeys: HotKeys? = nil) {
        self.slowCommands = slowCommands
        self.clients = clients
        self.hotKeys = hotKeys
    }

    /// Whether who asks may be told: who gave the token, which is checked before, or who sits at this machine.
    ///
    /// A page of another site can make a browser ask here under a name of its own that leads to this machine (DNS
    /// rebinding), so without a token the name must be an address or `localhost`.
    static func mayBeTold(to request: HTTPRequest, token: Authenticator.Token, _ configuration: Configuration) -> Bool {
        token.isSet || (LocalAddress.isLoopback(configuration.httpAddress) && isLocal(host: request.host))
    }

    private static func isLocal(host: String) -> Bool {
        let isBracketed = host.hasPrefix("[")
        let name = isBracketed ? host.dropFirst().prefix { $0 != "]" } : host.prefix { $0 != ":" }
        if isBracketed { return name == "::1" }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let isAddress = parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
        return isAddress || name.lowercased() == "localhost"
    }
}
