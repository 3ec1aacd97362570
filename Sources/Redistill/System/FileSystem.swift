internal import Glibc

/// Why a file can't be used: a sentence without its path.
package struct FileProblem: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The reading of small files, replaceable in tests.
package struct FileSystem: Sendable {
    /// All bytes of a file.
    package var bytes: @Sendable (String) throws(FileProblem) -> [UInt8]
    /// Whether anything is at a path.
    package var exists: @Sendable (String) -> Bool
    /// Whether others than the owner and the group may read a file.
    package var isOpenToOthers: @Sendable (String) -> Bool
    /// The paths that a shell pattern matches, in alphabetical order.
    package var matches: @Sendable (String) -> [String]

    package init(
        bytes: @escaping @Sendable (String) throws(FileProblem) -> [UInt8],
        exists: @escaping @Sendable (String) -> Bool,
        isOpenToOthers: @escaping @Sendable (String) -> Bool,
        matches: @escaping @Sendable (String) -> [String] = { _ in [] }
    ) {
        self.bytes = bytes
        self.exists = exists
        self.isOpenToOthers = isOpenToOthers
        self.matches = matches
    }

    /// The whole text of a file.
    package func read(_ path: String) throws(FileProblem) -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw FileProblem("it is not UTF-8 text")
        }
        return text
    }

    /// The machine's files.
    package static let real = FileSystem(
        bytes: { path throws(FileProblem) in try readAll(of: path) },
        exists: { path in access(path, F_OK) == 0 },
        isOpenToOthers: { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IROTH != 0
        },
        matches: { pattern in
            var found = glob_t()
            defer { globfree(&found) }
            guard glob(pattern, 0, nil, &found) == 0 else { return [] }
            return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
        })

    /// A configuration or secret larger than this is a mistake, such as naming a device.
    private static let largest = 16 << 20

    private static func readAll(of path: String) throws(FileProblem) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileProblem(SystemError.text(errno)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileProblem(SystemError.text(errno)) }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= largest else { throw FileProblem("it is larger than \(largest >> 20) MiB") }
        }
        return bytes
    }
}
