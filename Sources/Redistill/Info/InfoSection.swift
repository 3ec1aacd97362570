/// A section of INFO.
package enum InfoSection: String, CaseIterable, Sendable {
    case server, clients, memory, persistence, stats, replication, cpu, modules, commandstats, errorstats, latencystats
    case cluster, keyspace, keysizes

    /// The sections that INFO gives unasked. Keys are looked at for `keysizes`, which Redis counts all the time.
    static let usual = allCases.filter { ![.commandstats, .latencystats, .keysizes].contains($0) }

    /// The section's header line.
    var title: String {
        self == .cpu ? "CPU" : rawValue.prefix(1).uppercased() + rawValue.dropFirst()
    }

    /// The sections that some arguments of INFO ask for, in INFO's order, each once. Unknown names ask for nothing.
    package static func named(_ names: [String]) -> [InfoSection] {
        guard !names.isEmpty else { return usual }
        var wanted: Set<InfoSection> = []
        for name in names.map({ $0.lowercased() }) {
            if name == "default" {
                wanted.formUnion(usual)
            } else if ["all", "everything"].contains(name) {
                wanted.formUnion(allCases)
            } else if let section = InfoSection(rawValue: name) {
                wanted.insert(section)
            }
        }
        return allCases.filter(wanted.contains)
    }
}
