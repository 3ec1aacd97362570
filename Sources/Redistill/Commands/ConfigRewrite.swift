internal import Logging

/// CONFIG REWRITE: brings what CONFIG SET has changed into the configuration file.
package enum ConfigRewrite {
    /// Why the file stays as it is: an error reply with its code.
    package struct Refusal: Error, Sendable, Equatable {
        package let text: String

        /// Redis's words.
        static let noFile = Refusal(text: "ERR The server is running without a config file")

        static func failed(_ reason: String) -> Refusal {
            Refusal(text: "ERR Rewriting config file: \(reason)")
        }
    }

    /// Rewrites the file that the configuration in effect was read from.
    static func perform(
        _ live: LiveConfiguration, on machine: MachineMemory, logger: Logger, askedBy peer: String
    ) -> HotReply {
        live.inTurn { turn in
            do throws(Refusal) {
                let configuration = turn.configuration
                try rewrite(configuration, on: machine)
                logger.notice(
                    "configuration file rewritten",
                    metadata: ["file": "\(configuration.file ?? "")", "client": "\(peer)"])
                return .ok
            } catch {
                return .error(error.text)
            }
        }
    }

    static func rewrite(_ configuration: Configuration, on machine: MachineMemory) throws(Refusal) {
        guard let path = configuration.file else { throw .noFile }
        let old: String
        do throws(FileProblem) {
            old = try FileSystem.real.read(path)
        } catch {
            throw .failed(error.description)
        }
        let new = try text(rewriting: old, for: configuration, on: machine)
        do throws(FileProblem) {
            try FileReplacement.replace(path, with: new)
        } catch {
            throw .failed(error.description)
        }
    }

    /// The new text of the file. Pure.
    ///
    /// - Parameters:
    ///   - text: The file's text now.
    ///   - configuration: The configuration in effect; its ``Origin/command`` values are written.
    package static func text(
        rewriting text: String, for configuration: Configuration, on machine: MachineMemory
    ) throws(Refusal) -> String {
        let changed = ConfigurationTable.keys.filter { configuration[$0.name].origin == .command }
        for key in ConfigurationTable.keys {
            guard let secret = key.fills, changed.contains(where: { $0.name == secret }),
                !configuration.text(key.name).isEmpty
            else { continue }
            throw .failed("\(secret.rawValue) comes from the file of \(key.name.rawValue); write it there")
        }
        for key in changed {
            if case .secret(let secret) = configuration[key.name].value, secret.toml == nil {
                throw .failed(
                    "\(key.name.rawValue) holds bytes that no TOML file can; put it into a file of its own and name that "
                        + "in \(key.name.rawValue)_file")
            }
        }
        if let problem = ConfigurationChecks.limitProblems(configuration).first {
            throw .failed("the next start would refuse max_memory: \(problem.message)")
        }
        let rewritten: String
        do throws(TOMLRewrite.Refusal) {
            let before = (try? TOMLSource.entries(of: text, path: configuration.file ?? "")) ?? []
            rewritten = try TOMLRewrite.apply(changed.map { change(of: $0, configuration, in: before) }, to: text)
        } catch {
            throw .failed(error.description)
        }
        try check(rewritten, holds: changed, of: configuration, on: machine)
        return rewritten
    }

    /// The entry of a key in a file, by whichever of its names.
    private static func entry(of key: ConfigurationKey, in entries: [TOMLEntry]) -> TOMLEntry? {
        entries.first {
            $0.section == key.section.rawValue && ($0.key == key.name.rawValue || key.formerNames.contains($0.key))
        }
    }

    private static func change(
        of key: ConfigurationKey, _ configuration: Configuration, in entries: [TOMLEntry]
    ) -> TOMLRewrite.Change {
        let setting = configuration[key.name].value
        var value = key.type.toml(setting)
        if case .secret(let secret) = setting, let text = secret.toml { value = text }
        let name = entry(of: key, in: entries)?.key ?? key.name.rawValue
        return TOMLRewrite.Change(section: key.section.rawValue, key: name, value: value)
    }

    /// Reads the result as the next start will. What the rewriting did not foresee must not end in a broken file.
    private static func check(
        _ text: String, holds changed: [ConfigurationKey], of configuration: Configuration, on machine: MachineMemory
    ) throws(Refusal) {
        let entries: [TOMLEntry]
        do throws(ConfigurationError) {
            entries = try TOMLSource.entries(of: text, path: configuration.file ?? "")
        } catch {
            throw .failed("the result would be no valid file")
        }
        for key in changed {
            guard let entry = entry(of: key, in: entries), (try? key.type.read(entry.value, on: machine))?.value == configuration[key.name].value
            else { throw .failed("\(key.name.rawValue) can't be written to this file") }
        }
    }
}
