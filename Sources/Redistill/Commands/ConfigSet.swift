/// CONFIG SET: reads its arguments, and puts what they say into effect, all of it or nothing.
package enum ConfigSet {
    /// Why nothing is set: an error reply with its code.
    package struct Refusal: Error, Sendable, Equatable {
        package let reply: ByteText

        static let syntax = Refusal(reply: "ERR syntax error")

        static func unknown(_ name: ByteText) -> Refusal {
            quoting(name, after: "ERR Unknown option or number of arguments for CONFIG SET - '", before: "'")
        }

        /// Redis's form; `name` is as the client wrote it.
        package static func failed(_ name: ByteText, _ reason: String) -> Refusal {
            quoting(name, after: "ERR CONFIG SET failed (possibly related to argument '", before: "') - \(reason)")
        }

        private static func quoting(_ name: ByteText, after start: String, before end: String) -> Refusal {
            Refusal(reply: ByteText(Array(start.utf8) + name.bytes + Array(end.utf8)))
        }
    }

    /// Sets name, value, name, value ... in the configuration in effect.
    static func perform(
        _ arguments: [ByteText], on live: LiveConfiguration, _ machine: MachineMemory, askedBy peer: String
    ) -> HotReply {
        live.inTurn { turn in
            do throws(Refusal) {
                let new = try apply(arguments, to: turn.configuration, on: machine)
                do throws(ConfigurationChange.Failure) {
                    try turn.apply(new, rereadsFiles: false, askedBy: peer)
                } catch {
                    throw .failed(name(of: error.key, among: arguments), error.description)
                }
                return .ok
            } catch {
                return .failure(error.reply)
            }
        }
    }

    /// The name by which a client called a key.
    private static func name(of key: KeyName, among arguments: [ByteText]) -> ByteText {
        let names = stride(from: 0, to: arguments.count, by: 2).map { arguments[$0] }
        return names.first { name in
            switch name.text.flatMap(ConfigParameter.named)?.meaning {
            case .key(let other), .redis(let other): other == key
            case .outputBufferLimits: key.rawValue.hasPrefix("output_buffer")
            default: false
            }
        } ?? ByteText(key.rawValue)
    }

    /// The configuration as it would be. Pure.
    package static func apply(
        _ arguments: [ByteText], to configuration: Configuration, on machine: MachineMemory
    ) throws(Refusal) -> Configuration {
        guard !arguments.isEmpty, arguments.count % 2 == 0 else { throw .syntax }
        let names = stride(from: 0, to: arguments.count, by: 2).map { arguments[$0] }
        // As in Redis an unknown name is told before any bad value.
        var parameters: [ConfigParameter] = []
        for name in names {
            guard let parameter = name.text.flatMap(ConfigParameter.named) else { throw .unknown(name) }
            guard !parameters.contains(where: { $0.name == parameter.name }) else {
                throw .failed(name, "duplicate parameter")
            }
            parameters.append(parameter)
        }
        var changed = configuration
        for (index, parameter) in parameters.enumerated() {
            let value = arguments[2 * index + 1]
            if let complaint = set(parameter, to: value, in: &changed, on: machine) {
                throw .failed(names[index], complaint)
            }
        }
        return changed
    }

    /// Sets one parameter; the result is nil or Redis's complaint.
    private static func set(
        _ parameter: ConfigParameter, to value: ByteText, in configuration: inout Configuration, on machine: MachineMemory
    ) -> String? {
        switch parameter.meaning {
        case .key(let name):
            return set(ConfigurationTable.key(name), to: value, in: &configuration, on: machine)
        case .redis(let name):
            let own = value.text.map { ByteText(ConfigParameter.own($0, of: name)) } ?? value
            return set(ConfigurationTable.key(name), to: own, in: &configuration, on: machine)
        case .outputBufferLimits:
            return OutputBufferLimits.read(value.shown, into: &configuration)
        case .clusterEnabled:
            return value.text == ConfigGet.flag(configuration.isClustered) ? nil : "can't set immutable config"
        case .fixed(let only):
            return value.text == only ? nil : "can't set immutable config"
        case .kept:
            guard let text = value.text, Int64(text) != nil else { return notANumber }
            configuration.kept[parameter.name] = text
            return nil
        }
    }

    private static func set(
        _ key: ConfigurationKey, to value: ByteText, in configuration: inout Configuration, on machine: MachineMemory
    ) -> String? {
        switch key.application {
        case .atOnce: break
        case .onReload: return "can't set protected config"
        case .atRestart: return "can't set immutable config"
        }
        do {
            let reading = try key.type.read(RawValue(value), on: machine)
            if key.name == .clusterNodes, (reading.value == .list([])) == configuration.isClustered {
                return "a cluster begins and ends with the daemon's start"
            }
            configuration[key.name] = Configuration.Setting(value: reading.value, origin: .command)
            return nil
        } catch {
            return (error.isGuess ? nil : error.reason) ?? complaint(about: value.shown, for: key.type)
        }
    }

    /// Redis's words for a value of the wrong kind.
    private static func complaint(about text: String, for type: ValueType) -> String {
        switch type {
        case .integer(let range), .adjusted(let range), .powerOfTwo(let range):
            Int64(text) == nil ? notANumber : between(range)
        case .duration(let range):
            TimeText.parse(text) == nil && Int64(text) == nil
                ? notANumber : between((range.lowerBound + 999) / 1000...range.upperBound / 1000)
        case .bytes(let range), .adjustedBytes(let range):
            ByteSize.parse(text) == nil ? notASize : between(range)
        case .memoryLimit: notASize
        case .clientMemory, .databaseShares: "argument must be a memory or percent value"
        case .flag: "argument must be 'yes' or 'no'"
        case .choice(let words): oneOf(words)
        case .policy: oneOf(EvictionPolicy.names)
        case .flagOr, .text, .path, .list, .nodes, .node, .mode, .secret, .numbers: "argument must be \(type.allowed)"
        }
    }

    private static let notANumber = "argument couldn't be parsed into an integer"
    private static let notASize = "argument must be a memory value"

    private static func between(_ range: ClosedRange<Int64>) -> String {
        "argument must be between \(range.lowerBound) and \(range.upperBound) inclusive"
    }

    private static func oneOf(_ words: [String]) -> String {
        "argument(s) must be one of the following: " + words.joined(separator: ", ")
    }
}
