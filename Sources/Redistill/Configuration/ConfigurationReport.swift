internal import Glibc

/// What `--check-config` and `--print-config` do.
public enum ConfigurationReport {
    /// A text for standard output or standard error, and the exit code.
    public struct Outcome: Sendable {
        public let output: String
        public let errors: String
        public let exitCode: Int32

        /// Writes both texts to their streams.
        public func write() {
            StandardStreams.write(output, to: STDOUT_FILENO)
            StandardStreams.write(errors, to: STDERR_FILENO)
        }
    }

    /// Checks the configuration, what it names, and what this machine says to it, and starts nothing.
    ///
    /// Notes are of what has no effect or another than it seems; warnings of what is legal and unwise.
    public static func check(_ sources: ConfigurationSources) -> Outcome {
        do throws(StartError) {
            let loaded = try StartError.wrap { () throws(ConfigurationError) in try ConfigurationLoader.load(sources) }
            var surroundings = UnwiseSettings.Surroundings(
                kernel: .ofThisProcess(), machine: sources.machine, processors: Processors.allowed())
            if let options = TLSOptions(loaded.configuration) {
                let expiry = try StartError.wrap { () throws(TLSError) in try TLSContext.make(options).expiry }
                surroundings.certificateDays = CertificateRenewal.days(until: expiry, from: Clock.wallMicroseconds())
            }
            let problems = StartChecks.problems(loaded.configuration)
            guard problems.isEmpty else { throw StartError.configuration(ConfigurationError(problems)) }
            let remarks = loaded.notes + UnwiseSettings.remarks(on: loaded.configuration, surroundings)
            let lines = remarks.map { "\($0.isWarning ? "warning" : "note"): \($0)\n" }.joined()
            return Outcome(
                output: lines + "\(loaded.configuration.file ?? "configuration"): valid\n", errors: "", exitCode: 0)
        } catch {
            return Outcome(output: "", errors: error.lines, exitCode: error.exitCode)
        }
    }

    /// The effective configuration without secrets.
    public static func print(_ sources: ConfigurationSources) -> Outcome {
        do throws(ConfigurationError) {
            let loaded = try ConfigurationLoader.load(sources)
            return Outcome(output: ConfigurationText.effective(loaded.configuration), errors: "", exitCode: 0)
        } catch {
            let failure = StartError.configuration(error)
            return Outcome(output: "", errors: failure.lines, exitCode: failure.exitCode)
        }
    }

    /// The commented default file.
    public static func printDefault() -> Outcome {
        Outcome(output: ConfigurationText.defaultFile(), errors: "", exitCode: 0)
    }
}
