internal import Glibc

/// What the kernel tells about this process and its machine.
package enum ProcessFacts {
    /// Memory of the machine and the limit of the control group.
    package static func memory() -> MachineMemory {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let total = pages > 0 ? UInt64(pages) * UInt64(sysconf(Int32(_SC_PAGESIZE))) : nil
        return MachineMemory(total: total, groupLimit: ControlGroup.memoryLimit(files: .real))
    }

    /// Processor time of this process and its ended children, in microseconds.
    package static func processorTime() -> ProcessorTime {
        let own = usage(of: RUSAGE_SELF.rawValue)
        let children = usage(of: RUSAGE_CHILDREN.rawValue)
        let main = mainThreadTime()
        return ProcessorTime(
            system: own.system, user: own.user, childrenSystem: children.system, childrenUser: children.user,
            mainSystem: main.system, mainUser: main.user)
    }

    /// The kernel counts another thread's time in ticks of mostly 10 ms.
    private static func mainThreadTime() -> (system: UInt64, user: UInt64) {
        guard let text = try? FileSystem.real.read("/proc/self/task/\(getpid())/stat"),
            let end = text.lastIndex(of: ")"), case let ticks = sysconf(Int32(_SC_CLK_TCK)), ticks > 0
        else { return (0, 0) }
        // What follows the name begins with the third field; user and system time are the 14th and 15th.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = UInt64(fields[11]), let system = UInt64(fields[12]) else { return (0, 0) }
        return (system * 1_000_000 / UInt64(ticks), user * 1_000_000 / UInt64(ticks))
    }

    /// The operating system as `uname -srm` writes it.
    package static func operatingSystem() -> String {
        var names = utsname()
        guard uname(&names) == 0 else { return "Linux" }
        return [text(of: names.sysname), text(of: names.release), text(of: names.machine)].joined(separator: " ")
    }

    /// The path of this program.
    package static func executable() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
    }

    /// Where the next version of this program will be: as it was begun, so that links are followed anew.
    package static func installedProgram() -> String {
        let running = executable(), begun = CommandLine.arguments.first ?? ""
        guard begun.contains("/") else { return running }
        let path = begun.hasPrefix("/") ? begun : "\(workingDirectory())/\(begun)"
        // What is running is there no more: another has come in its place meanwhile.
        if running.hasSuffix(" (deleted)") { return path }
        // Whoever has begun it may have told it any name.
        var named = stat(), ours = stat()
        guard stat(path, &named) == 0, stat("/proc/self/exe", &ours) == 0 else { return running }
        return named.st_dev == ours.st_dev && named.st_ino == ours.st_ino ? path : running
    }

    private static func workingDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    private static func usage(of whom: Int32) -> (system: UInt64, user: UInt64) {
        var usage = rusage()
        guard getrusage(whom, &usage) == 0 else { return (0, 0) }
        return (microseconds(usage.ru_stime), microseconds(usage.ru_utime))
    }

    private static func microseconds(_ time: timeval) -> UInt64 {
        UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_usec)
    }

    private static func text<Characters>(of field: Characters) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
