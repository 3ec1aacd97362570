/// Addresses that only this machine can reach.
enum LocalAddress {
    static func isLoopback(_ address: String) -> Bool {
        let address = address.drop { $0 == "-" } // optional, see HotEndpoint
        return address == "localhost" || address == "::1" || address.hasPrefix("127.")
    }
}
