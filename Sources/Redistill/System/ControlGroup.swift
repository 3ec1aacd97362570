/// The limits that a container or a service manager sets.
///
/// Each is looked for in the process's group and in all above it: the tightest holds.
package enum ControlGroup {
    /// The tightest limit of memory in bytes, or nil without one.
    package static func memoryLimit(files: FileSystem) -> UInt64? {
        limits(of: "memory", files) { directory, version in
            let file = version == .two ? "memory.max" : "memory.limit_in_bytes"
            return numbers(in: "\(directory)/\(file)", files).first.flatMap { UInt64(exactly: $0) }
        }
        // Version 1 says "no limit" with a huge number.
        .filter { $0 < 1 << 60 }.min()
    }

    /// The tightest quota of processor time as a number of processors, such as 1.5, or nil without one.
    package static func processorQuota(files: FileSystem) -> Double? {
        limits(of: "cpu", files) { directory, version -> Double? in
            let times: [Int64] =
                switch version {
                // "150000 100000": microseconds that may be used in a period of so many. No quota is "max".
                case .two: numbers(in: "\(directory)/cpu.max", files)
                // No quota is -1.
                case .one:
                    numbers(in: "\(directory)/cpu.cfs_quota_us", files)
                        + numbers(in: "\(directory)/cpu.cfs_period_us", files)
                }
            guard times.count == 2, times.allSatisfy({ $0 > 0 }) else { return nil }
            return Double(times[0]) / Double(times[1])
        }.min()
    }

    private enum Version { case one, two }

    /// What `read` finds in the directories of a controller, from this process's group upwards.
    private static func limits<Limit>(
        of controller: String, _ files: FileSystem, _ read: (_ directory: String, Version) -> Limit?
    ) -> [Limit] {
        guard let groups = try? files.read("/proc/self/cgroup") else { return [] }
        return groups.split(separator: "\n").flatMap { line -> [Limit] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            if fields[0] == "0" {
                return directories(under: "/sys/fs/cgroup", fields[2]).compactMap { read($0, .two) }
            }
            guard fields[1].split(separator: ",").contains(Substring(controller)) else { return [] }
            return directories(under: "/sys/fs/cgroup/\(controller)", fields[2]).compactMap { read($0, .one) }
        }
    }

    /// A group's directory and all above it. In a container the lower ones may be missing, since it sees its own group
    /// as the root.
    private static func directories(under root: String, _ path: Substring) -> [String] {
        let components = path.split(separator: "/")
        return (0...components.count).reversed().map { count in
            ([root] + components.prefix(count).map(String.init)).joined(separator: "/")
        }
    }

    private static func numbers(in file: String, _ files: FileSystem) -> [Int64] {
        guard let text = try? files.read(file) else { return [] }
        return text.split { $0.isWhitespace }.compactMap { Int64($0) }
    }
}
