/// A section of the configuration file.
package enum ConfigurationSection: String, CaseIterable, Sendable {
    case server, security, memory, scripts, persistence, cluster, logging, performance

    /// What the section is about, in one sentence.
    package var summary: String {
        switch self {
        case .server: "Addresses, threads, connections and their limits."
        case .security:
            "Password, protected mode and TLS. Secrets have no flag: they come from this file, from a file of their own, or from the environment."
        case .memory: "How much memory is used, and what goes when it is full."
        case .scripts: "EVAL and its like: whether there are any, and what they may take."
        case .persistence: "Snapshots: whether what is kept outlives a restart, in a file of Redis's own format."
        case .cluster: "A static map by which clients of Redis Cluster share their keys out among several daemons."
        case .logging: "What is logged, how and where."
        case .performance: "TCP and processors."
        }
    }
}
