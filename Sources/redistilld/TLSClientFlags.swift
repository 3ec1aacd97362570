internal import ArgumentParser
internal import Redistill

/// The flags of TLS of whatever speaks to a server.
struct TLSClientFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Certificates to trust, in place of the system's.", valueName: "file"))
    var cacert: String?

    @Option(help: ArgumentHelp("A certificate of ours, where the server asks for one.", valueName: "file"))
    var cert: String?

    @Option(help: ArgumentHelp("Its private key.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("The name that the server's certificate is for, if not the host.", valueName: "name"))
    var sni: String?

    @Flag(help: "Trust any certificate.")
    var insecure = false

    var arguments: TLSClientArguments {
        var arguments = TLSClientArguments()
        arguments.authority = cacert
        arguments.certificate = cert
        arguments.key = key
        arguments.serverName = sni
        arguments.insecure = insecure
        return arguments
    }

    /// Flags that mean something with TLS only, and are there.
    var given: [String] {
        [("--cacert", cacert), ("--cert", cert), ("--key", key), ("--sni", sni)].compactMap { $1 == nil ? nil : $0 }
    }
}
