internal import COpenSSL
internal import CRedistillBuild
internal import CRedistillHot

/// What `--version` prints.
public enum VersionText {
    /// The first line begins with name and version; each line after it is one kind of thing.
    public static var text: String {
        let allocator = rd_allocator_version().map { "jemalloc \(String(cString: $0).prefix { $0 != "-" })" }
        let libraries = [
            "libevent \(String(cString: rd_libevent_version()))",
            "OpenSSL \(String(cString: OpenSSL_version(OPENSSL_VERSION_STRING)))",
            allocator ?? "the C library's allocator",
        ]
        return """
            redistilld \(Version.redistill) (commit \(String(cString: rd_build_commit())))
            protocol: RESP2 and RESP3, commands as in Redis \(Version.redis)
            libraries: \(libraries.joined(separator: ", "))
            """
    }
}
