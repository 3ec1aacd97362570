internal import CRedistillHot

/// How many processors this process may keep busy.
package enum Processors {
    /// Those that it is allowed to run on, or as many as a quota of the control group is worth.
    ///
    /// A part counts as a whole one: with a quota of 1.5 two threads use what one could not, and with 0.5 there is one.
    ///
    /// - Parameter allowed: How many the scheduler lets it run on.
    package static func usable(allowed: Int, files: FileSystem) -> Int {
        guard let quota = ControlGroup.processorQuota(files: files) else { return max(1, allowed) }
        return max(1, min(allowed, Int(min(quota, 1024).rounded(.up))))
    }

    /// How many the scheduler lets this process run on; stands for `rd_allowed_processors`.
    package static func allowed() -> Int { Int(rd_allowed_processors()) }
}
