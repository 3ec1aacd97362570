/// Puts a changed configuration into effect: all of it or nothing.
enum ConfigurationChange {
    /// Why a change has no effect, and which key stands in the way.
    struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        let key: KeyName
        let description: String
    }

    /// What a change left behind: the end of the certificate that is in use now, if a new one is.
    struct Outcome: Sendable, Equatable {
        var certificateExpiry: Int64?
    }

    /// - Parameter rereadsFiles: Whether certificates and the log file are opened anew though their paths are the same.
    static func apply(
        from old: Configuration, to new: Configuration, control: HotControl, log: LogBackend, rereadsFiles: Bool
    ) throws(Failure) -> Outcome {
        // First what can fail on its own and has no effect yet, then what can be taken back, then what can't fail.
        var outcome = Outcome()
        let context = try tlsContext(from: old, to: new, rereadsFiles: rereadsFiles)
        try setNumbers(from: old, to: new, control)
        do throws(Failure) {
            try setPolicy(from: old, to: new, control)
            do throws(FileProblem) {
                try KillScore.apply(new, insteadOf: old)
            } catch {
                throw Failure(key: .oomScoreAdj, description: KillScore.failure)
            }
            do throws(Failure) {
                try openLog(from: old, to: new, log, rereadsFiles: rereadsFiles)
            } catch {
                try? KillScore.apply(old, insteadOf: new)
                throw error
            }
        } catch {
            setPolicyBack(to: old, control)
            setNumbersBack(to: old, control)
            throw error
        }
        if let context = consume context {
            outcome.certificateExpiry = context.expiry
            control.setTLS(context)
        }
        log.use(level: new.text(.level))
        log.sink.use(LogFormat(rawValue: new.text(.format)) ?? .text)
        return outcome
    }

    private static func tlsContext(
        from old: Configuration, to new: Configuration, rereadsFiles: Bool
    ) throws(Failure) -> TLSContext? {
        // Listeners exist since the start: TLS can be renewed, not turned on.
        guard old.usesTLS, let options = TLSOptions(new) else { return nil }
        guard rereadsFiles || options != TLSOptions(old) else { return nil }
        do throws(TLSError) {
            return try TLSContext.make(options)
        } catch {
            throw Failure(key: .tlsCertPath, description: error.description)
        }
    }

    private static func setNumbers(
        from old: Configuration, to new: Configuration, _ control: HotControl
    ) throws(Failure) {
        for setting in HotSetting.all where setting.value(in: old) != setting.value(in: new) {
            do throws(HotError) {
                try control.set(setting, to: setting.value(in: new))
            } catch {
                setNumbersBack(to: old, control)
                throw Failure(key: setting.key, description: error.description)
            }
        }
    }

    private static func setPolicy(
        from old: Configuration, to new: Configuration, _ control: HotControl
    ) throws(Failure) {
        let name = new.text(.evictionPolicy)
        guard name != old.text(.evictionPolicy) else { return }
        do throws(HotError) {
            try control.setPolicy(name)
        } catch {
            throw Failure(key: .evictionPolicy, description: error.description)
        }
    }

    private static func openLog(
        from old: Configuration, to new: Configuration, _ log: LogBackend, rereadsFiles: Bool
    ) throws(Failure) {
        let path = new.text(.logFile)
        guard rereadsFiles || path != old.text(.logFile) else { return }
        do throws(FileProblem) {
            try log.sink.open(path)
        } catch {
            throw Failure(key: .logFile, description: "cannot open \"\(path)\": \(error)")
        }
    }

    // These values were in effect a moment ago, so the hot path does not refuse them; a server that has stopped
    // meanwhile needs none.
    private static func setNumbersBack(to old: Configuration, _ control: HotControl) {
        for setting in HotSetting.all { try? control.set(setting, to: setting.value(in: old)) }
    }

    private static func setPolicyBack(to old: Configuration, _ control: HotControl) {
        try? control.setPolicy(old.text(.evictionPolicy))
    }
}
