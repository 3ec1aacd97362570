/// The values that CONFIG GET shows.
package enum ConfigGet {
    /// What CONFIG GET reads apart from the configuration.
    package struct Facts: Sendable {
        /// Worker threads that really run.
        package let workers: Int

        package init(workers: Int) {
            self.workers = workers
        }
    }

    /// Every parameter that one of the globs matches, once each.
    package static func reply(patterns: [String], _ configuration: Configuration, _ facts: Facts) -> HotReply {
        .map(
            ConfigParameter.all.filter { parameter in
                patterns.contains { Glob.matches(parameter.name, pattern: $0, ignoringCase: true) }
            }.map { HotReply.Pair($0.name, value(of: $0, configuration, facts)) })
    }

    static func value(of parameter: ConfigParameter, _ configuration: Configuration, _ facts: Facts) -> String {
        switch parameter.meaning {
        case .key(let name): own(name, configuration)
        case .redis(let name): redis(name, configuration, facts)
        case .outputBufferLimits: OutputBufferLimits(configuration).text
        case .clusterEnabled: flag(configuration.isClustered)
        case .fixed(let value): value
        case .kept(let value): configuration.kept[parameter.name] ?? value
        }
    }

    /// As Redis writes it.
    static func flag(_ flag: Bool) -> String { flag ? "yes" : "no" }

    /// A value in our spelling, as CONFIG GET and the log show it; secrets are redacted.
    static func own(_ name: KeyName, _ configuration: Configuration) -> String {
        switch configuration[name].value {
        case .integer(let number):
            switch ConfigurationTable.key(name).type {
            case .mode: String(number, radix: 8)
            case .duration: number % 1000 == 0 ? String(number / 1000) : "\(number)ms"
            default: String(number)
            }
        case .flag(let flag): String(flag)
        case .text(let text): text
        case .list(let items): items.joined(separator: " ")
        case .secret(let secret): secret.description
        }
    }

    private static func redis(_ name: KeyName, _ configuration: Configuration, _ facts: Facts) -> String {
        switch (name, configuration[name].value) {
        case (.workers, _): String(facts.workers)
        // Redis knows one of the two, by its first name.
        case (.oomScoreAdj, .text("relative")): "yes"
        // Redis's clients expect a number there, or a share.
        case (.maxClientMemory, .text(ClientMemory.automatic)): String(ClientMemory.bytes(in: configuration))
        case (.level, .text(let level)): LogLevelName.redis(level)
        case (_, .flag(let flag)): Self.flag(flag)
        case (_, .integer(let number)):
            if case .duration = ConfigurationTable.key(name).type {
                ConfigParameter.redis(milliseconds: number, of: name)
            } else {
                own(name, configuration)
            }
        default: own(name, configuration)
        }
    }
}
