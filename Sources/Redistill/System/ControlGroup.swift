/// The memory limit that a container or a service manager sets.
package enum ControlGroup {
    /// The tightest limit from this process's group upwards, or nil without one.
    package static func memoryLimit(files: FileSystem) -> UInt64? {
        guard let groups = try? files.read("/proc/self/cgroup") else { return nil }
        var limits: [UInt64] = []
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[0] == "0" {
                limits += Self.limits(under: "/sys/fs/cgroup", path: fields[2], file: "memory.max", files)
            } else if fields[1].split(separator: ",").contains("memory") {
                limits += Self.limits(
                    under: "/sys/fs/cgroup/memory", path: fields[2], file: "memory.limit_in_bytes", files)
            }
        }
        // Version 1 says "no limit" with a huge number.
        return limits.filter { $0 < 1 << 60 }.min()
    }

    private static func limits(under root: String, path: Substring, file: String, _ files: FileSystem) -> [UInt64] {
        var components = path.split(separator: "/")
        var limits: [UInt64] = []
        while true {
            let directory = ([root] + components.map(String.init)).joined(separator: "/")
            if let text = try? files.read("\(directory)/\(file)"), let limit = UInt64(text.filter { !$0.isWhitespace })
            {
                limits.append(limit)
            }
            if components.isEmpty { return limits }
            components.removeLast()
        }
    }
}
