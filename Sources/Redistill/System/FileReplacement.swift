internal import Glibc

/// Replaces a file as a whole: readers see the old text or the new one, also after a crash.
enum FileReplacement {
    /// Writes a new file beside the old one, with its owner and permissions, and puts it in its place.
    ///
    /// - Parameter mode: The permissions that the new file has whatever the old one's are.
    static func replace(_ path: String, with text: String, mode: mode_t? = nil) throws(FileProblem) {
        var status = stat()
        let exists = stat(path, &status) == 0
        let mode = mode ?? (exists ? status.st_mode & 0o777 : 0o600)
        // A link must stay one, so what it points to is replaced.
        let target = resolved(path)
        let (descriptor, temporary) = try create(beside: target)
        defer { close(descriptor) }
        do throws(FileProblem) {
            // The new file's owner may not be given away by everyone; the permissions must not be widened by umask's
            // absence either way.
            if exists { _ = fchown(descriptor, status.st_uid, status.st_gid) }
            guard fchmod(descriptor, mode) == 0, writeAll(text, to: descriptor), fsync(descriptor) == 0,
                rename(temporary, target) == 0
            else { throw FileProblem(SystemError.text(errno)) }
        } catch {
            unlink(temporary)
            throw error
        }
        // The new name is in the directory, which is a file of its own.
        try sync(directoryOf: target)
    }

    /// Whether two paths lead to one file that is there.
    static func isSame(_ path: String, _ other: String) -> Bool {
        var one = stat(), two = stat()
        guard stat(path, &one) == 0, stat(other, &two) == 0 else { return false }
        return one.st_dev == two.st_dev && one.st_ino == two.st_ino
    }

    /// A new file that only its owner can read. Its name is drawn: one that a crash has left, or that another process
    /// writes now, perhaps with the same number in another container, is in nobody's way.
    private static func create(beside target: String) throws(FileProblem) -> (descriptor: Int32, path: String) {
        for _ in 0..<16 {
            let path = "\(target).\(String(UInt64.random(in: .min ... .max), radix: 36)).new"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor >= 0 { return (descriptor, path) }
            guard errno == EEXIST else { break }
        }
        throw FileProblem(SystemError.text(errno))
    }

    /// The directory of a path, "." where it names none.
    static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    private static func sync(directoryOf path: String) throws(FileProblem) {
        let descriptor = open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileProblem("it is replaced, but perhaps not for good: " + SystemError.text(errno)) }
        defer { close(descriptor) }
        // Some file systems have nothing to sync in a directory, and say so.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw FileProblem("it is replaced, but perhaps not for good: " + SystemError.text(errno))
        }
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static func writeAll(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + start, bytes.count - start) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            start += count
        }
        return true
    }
}
