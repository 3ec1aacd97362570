internal import Glibc

/// Replaces a file as a whole: readers see the old text or the new one, also after a crash.
enum FileReplacement {
    /// Writes a new file beside the old one, with its permissions and owner, and puts it in its place.
    static func replace(_ path: String, with text: String) throws(FileProblem) {
        var status = stat()
        let mode = stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o600
        // A link must stay one, so what it points to is replaced.
        let target = resolved(path)
        let temporary = "\(target).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileProblem(SystemError.text(errno)) }
        defer { close(descriptor) }
        do throws(FileProblem) {
            // The new file's owner may not be given away by everyone; the permissions must not be widened by umask's
            // absence either way.
            _ = fchown(descriptor, status.st_uid, status.st_gid)
            guard fchmod(descriptor, mode) == 0, writeAll(text, to: descriptor), fsync(descriptor) == 0,
                rename(temporary, target) == 0
            else { throw FileProblem(SystemError.text(errno)) }
        } catch {
            unlink(temporary)
            throw error
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
