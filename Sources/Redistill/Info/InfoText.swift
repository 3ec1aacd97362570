/// The text of INFO, a pure function of a snapshot.
package enum InfoText {
    /// The named sections, each with its header; sections are separated by an empty line, lines end with CRLF.
    package static func text(of snapshot: InfoSnapshot, sections names: [String]) -> String {
        InfoSection.named(names).map { section in
            var text = "# \(section.title)\r\n"
            for field in fields(of: section, snapshot) { text += "\(field.name):\(field.value)\r\n" }
            return text
        }.joined(separator: "\r\n")
    }

    private static func fields(of section: InfoSection, _ snapshot: InfoSnapshot) -> [InfoField] {
        switch section {
        case .commandstats: commandStats(snapshot)
        case .errorstats: errorStats(snapshot)
        case .latencystats: latencyStats(snapshot)
        case .keyspace: databases(snapshot)
        case .keysizes: sizes(snapshot)
        case .memory: figures(of: section, snapshot) + shares(snapshot)
        case .server: figures(of: section, snapshot) + listeners(snapshot)
        default: figures(of: section, snapshot)
        }
    }

    private static func figures(of section: InfoSection, _ snapshot: InfoSnapshot) -> [InfoField] {
        InfoLayout.rows[section, default: []].compactMap { row in
            switch row {
            case .fixed(let field): field
            case .figure(let name, let value): value(snapshot).map { InfoField(name, $0) }
            }
        }
    }

    /// Those that have keys.
    private static func databases(_ snapshot: InfoSnapshot) -> [InfoField] {
        snapshot.databases.filter { $0.keys > 0 }.map { database in
            InfoField(
                "db\(database.number)",
                "keys=\(database.keys),expires=\(database.keysWithTimeToLive)"
                    + ",avg_ttl=\(database.averageTimeToLive),subexpiry=\(database.hashesWithTimeToLive)")
        }
    }

    /// Redis's names, and one of ours for the keys: how many of them have at least so many bytes, or items, and less than
    /// twice.
    private static func sizes(_ snapshot: InfoSnapshot) -> [InfoField] {
        snapshot.sizes.flatMap { database in
            let found = [
                ("strings_sizes", database.strings), ("lists_items", database.lists), ("sets_items", database.sets),
                ("zsets_items", database.zsets), ("hashes_items", database.hashes), ("keys_sizes", database.keys),
            ]
            return found.filter { $0.1.contains { $0 > 0 } }.map { name, bins in
                InfoField("db\(database.database)_distrib_\(name)", distribution(bins))
            }
        }
    }

    /// As Redis writes it: `1=2,16=5,1K=1`.
    private static func distribution(_ bins: [UInt64]) -> String {
        bins.enumerated().filter { $0.element > 0 }.map { bin, count in
            let bytes: UInt64 = bin == 0 ? 0 : 1 << (bin - 1)
            let unit = [(30, "G"), (20, "M"), (10, "K")].first { bytes >= 1 << $0.0 }
            return unit.map { "\(bytes >> $0.0)\($0.1)=\(count)" } ?? "\(bytes)=\(count)"
        }.joined(separator: ",")
    }

    /// What databases with a share of the limit hold.
    private static func shares(_ snapshot: InfoSnapshot) -> [InfoField] {
        snapshot.databases.compactMap { database in
            database.share.map {
                InfoField("mem_db\(database.number)", "held=\($0.held),share=\($0.most),evicted=\($0.evicted)")
            }
        }
    }

    /// What is listened on, and how long its certificate lasts.
    private static func listeners(_ snapshot: InfoSnapshot) -> [InfoField] {
        snapshot.facts.listeners.enumerated().map { InfoField("listener\($0.offset)", $0.element) }
            + (snapshot.certificateDays.map { [InfoField("tls_certificate_days_left", "\($0)")] } ?? [])
    }
}
