/// A name that CONFIG GET and SET know.
package struct ConfigParameter: Sendable {
    /// What the name stands for.
    package enum Meaning: Sendable, Equatable {
        /// A key under our name, in our spelling.
        case key(KeyName)
        /// A key under Redis's name, in Redis's spelling.
        case redis(KeyName)
        /// Redis's three limits in one text.
        case outputBufferLimits
        /// Whether this daemon is a node of a cluster, which follows from its nodes.
        case clusterEnabled
        /// A parameter of Redis that can have one value only here.
        case fixed(String)
        /// A number of Redis that means nothing here, with its default.
        case kept(String)
    }

    package let name: String
    package let meaning: Meaning

    /// All names, each once, ours first. Where Redis has the same name, Redis's spelling of the value counts.
    package static let all: [ConfigParameter] = {
        let redis = ConfigurationTable.keys.flatMap { key in
            key.redisNames.map { ConfigParameter(name: $0, meaning: .redis(key.name)) }
        }
        let taken = Set(redis.map(\.name))
        let own = ConfigurationTable.keys.filter { !taken.contains($0.name.rawValue) && $0.pointless == nil }
            .map { ConfigParameter(name: $0.name.rawValue, meaning: .key($0.name)) }
        let limits = ConfigParameter(name: "client-output-buffer-limit", meaning: .outputBufferLimits)
        let cluster = ConfigParameter(name: "cluster-enabled", meaning: .clusterEnabled)
        let fixed = FixedParameters.values.map { ConfigParameter(name: $0.name, meaning: .fixed($0.value)) }
        let kept = KeptParameters.values.map { ConfigParameter(name: $0.name, meaning: .kept($0.value)) }
        return own + redis + [limits, cluster] + fixed + kept
    }()

    /// Whether Redis counts a time in milliseconds. A bare number of ours is one of seconds, as most of Redis's are.
    private static func isInMilliseconds(_ key: KeyName) -> Bool { key == .scriptTimeLimit }

    /// A value in Redis's spelling in ours.
    static func own(_ value: String, of key: KeyName) -> String {
        isInMilliseconds(key) && !value.isEmpty && value.allSatisfy(\.isNumber) ? value + "ms" : value
    }

    /// A time as Redis tells it.
    static func redis(milliseconds: Int64, of key: KeyName) -> String {
        // Redis knows whole seconds only; half a second must not look like none.
        String(isInMilliseconds(key) ? milliseconds : (milliseconds + 999) / 1000)
    }

    /// The parameter of a name, in any case of letters; ours also with hyphens, as Redis writes its own.
    package static func named(_ text: String) -> ConfigParameter? {
        let name = text.lowercased()
        return byName[name] ?? byName[String(name.map { $0 == "-" ? "_" : $0 })]
    }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
