/// How much memory there is to share out.
package struct MachineMemory: Sendable, Equatable {
    /// Bytes of the machine, or nil when it does not tell.
    package let total: UInt64?
    /// The limit of the control group, which a container has, or nil without one.
    package let groupLimit: UInt64?

    package init(total: UInt64?, groupLimit: UInt64?) {
        self.total = total
        self.groupLimit = groupLimit
    }

    /// The smaller of both: what `max_memory = "75%"` is a share of.
    package var available: UInt64? {
        switch (total, groupLimit) {
        case (let total?, let limit?): min(total, limit)
        case (let total, let limit): total ?? limit
        }
    }

    /// Whose the available memory is, in words.
    var owner: String {
        groupLimit != nil && groupLimit == available ? "this process's control group" : "this machine"
    }
}
