/// Turns a Redis configuration file into ours and says what gets lost. Pure but for the files that it reads.
public struct RedisConfigurationImport: Sendable, Equatable {
    /// Our file, with what gets lost as comments at its head.
    package let toml: String
    /// What the Redis server did and Redistill will not, the gravest first, each once.
    package let losses: [RedisLoss]
    /// How many lines mean nothing to a cache that keeps nothing on disk and has no replicas.
    package let pointlessLines: Int
    /// What is no setting that was lost, but worth knowing.
    package let notes: [String]
    /// Whether our file holds a password.
    package let holdsSecret: Bool

    /// - Parameters:
    ///   - text: The text of a `redis.conf`.
    ///   - path: Its path, for messages.
    ///   - files: Where included files and the ACL file are read.
    package init(of text: String, path: String, files: FileSystem) {
        let directives = RedisDirectives(of: text, path: path, files: files)
        var translation = RedisTranslation(files: files)
        for directive in directives.list { translation.take(directive) }
        translation.finish(without: directives.losses)
        let body = RedisImportText.sections(of: translation.configuration, keys: translation.given)
            + RedisImportText.tables(of: translation.configuration.users)
        var losses = directives.losses + translation.losses
        losses += Self.problems(of: body)
        self.losses = RedisLoss.Kind.allCases.flatMap { kind in losses.filter { $0.kind == kind } }
        pointlessLines = translation.pointless.count
        holdsSecret =
            !translation.configuration.secret(.password).isEmpty || !translation.configuration.users.accounts.isEmpty
        var notes: [String] = []
        if translation.configuration.users.accounts.contains(where: { $0.role != .admin }) {
            notes.append(
                "users of [[users]] may call INFO, KEYS, scripts, transactions and what connections need, and who may write all "
                    + "keys FLUSHDB; FLUSHALL, SORT, RESTORE and SWAPDB are an admin's")
        }
        if translation.keepsSnapshotsUnsaid {
            notes.append("Redis keeps snapshots on disk unless it is told not to; here the cache is empty after a restart")
        }
        if translation.hasNoLimitUnsaid {
            notes.append(
                "Redis has no memory limit unless it is told one, so max_memory = 0 stands in this file; take that line away, "
                    + "and the limit is \(MemoryDefault.text) of the machine, at which \(EvictionPolicy.usual) evicts")
        }
        self.notes = notes
        toml =
            RedisImportText.head(path: path, losses: self.losses, notes: notes, pointless: translation.pointless) + body
    }

    /// What keeps the daemon from starting with our file, such as TLS without a certificate.
    private static func problems(of text: String) -> [RedisLoss] {
        let sources = ConfigurationSources(
            path: "",
            files: FileSystem(
                bytes: { _ in Array(text.utf8) }, exists: { _ in true }, isOpenToOthers: { _ in false }))
        do throws(ConfigurationError) {
            _ = try ConfigurationLoader.load(sources)
            return []
        } catch {
            return error.problems.map { problem in
                let key = problem.key.flatMap(KeyName.init(rawValue:))
                return RedisLoss(
                    kind: key.map(RedisMeanings.kind(of:)) ?? .behaviour, place: nil,
                    directive: problem.key ?? "the result", reason: "\(problem.message); without it Redistill does not start")
            }
        }
    }
}
