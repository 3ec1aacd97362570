/// A line of a Redis configuration that says something.
struct RedisDirective {
    /// `redis.conf:12`.
    let place: String
    /// In lower case.
    let name: String
    let arguments: [String]

    /// The arguments as one text, or as its only word holds them: `bind "127.0.0.1 -::1"`.
    var words: [String] {
        guard arguments.count == 1, let only = arguments.first, !only.isEmpty else { return arguments }
        return only.split(separator: " ").map(String.init)
    }
}

/// Reads a Redis configuration line by line, with the files that it includes where it includes them.
struct RedisDirectives {
    private let files: FileSystem
    private(set) var list: [RedisDirective] = []
    /// What can't be read.
    private(set) var losses: [RedisLoss] = []
    /// The files being read, each included by the one before it.
    private var open: [String] = []

    init(of text: String, path: String, files: FileSystem) {
        self.files = files
        read(text, path: path)
    }

    private mutating func read(_ text: String, path: String) {
        open.append(path)
        defer { open.removeLast() }
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            read(line, at: "\(path):\(index + 1)")
        }
    }

    private mutating func read(_ line: Substring, at place: String) {
        let text = line.drop { $0.isWhitespace || $0 == "\u{feff}" }
        guard !text.isEmpty, !text.hasPrefix("#") else { return }
        guard let words = RedisWords.split(text), let name = words.first?.shown.lowercased() else {
            let directive = text.prefix { !$0.isWhitespace && $0 != "\"" && $0 != "'" }.lowercased()
            // What the line was meant to say can't be known, so it counts as what its directive protects.
            lose(directive, "unbalanced quotes: what it says is lost", at: place)
            return
        }
        guard !words.contains(where: { $0.text == nil || $0.bytes.contains(0) }) else {
            lose(
                name, "it holds bytes that no TOML file can; a password may be in a file of its own (password_file)",
                at: place)
            return
        }
        let arguments = words.dropFirst().map(\.shown)
        guard name == "include" else {
            list.append(RedisDirective(place: place, name: name, arguments: arguments))
            return
        }
        for argument in arguments { include(argument, at: place) }
    }

    /// As Redis 7 does: a path is taken from the working directory, and a pattern may match nothing.
    private mutating func include(_ path: String, at place: String) {
        let isPattern = path.contains { "*?[".contains($0) }
        for path in isPattern ? files.matches(path) : [path] {
            guard !open.contains(path) else {
                lose("include", "\"\(path)\" includes itself", at: place)
                continue
            }
            do throws(FileProblem) {
                read(try files.read(path), path: path)
            } catch {
                lose("include", "cannot read \"\(path)\": \(error); what it says is lost", at: place)
            }
        }
    }

    private mutating func lose(_ directive: String, _ reason: String, at place: String) {
        let kind = directive == "include" ? .security : RedisMeanings.kind(of: directive)
        losses.append(RedisLoss(kind: kind, place: place, directive: directive, reason: reason))
    }
}
