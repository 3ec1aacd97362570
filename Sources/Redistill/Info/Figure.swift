internal import CRedistillHot

/// One figure that the daemon tells: where INFO has it, where `/metrics` has it, and how it is read.
///
/// These are the one list that both are made from; its order is that of `/metrics`. ``InfoLayout`` has INFO's order.
struct Figure: Sendable {
    /// A place in INFO.
    struct Field: Sendable {
        let section: InfoSection
        let name: String
    }

    /// A place in `/metrics`: one series of a metric.
    struct Series: Sendable {
        let name: String
        let kind: Metric.Kind
        let help: String
        let labels: [Metric.Label]

        static func counter(_ name: String, _ help: String, _ labels: Metric.Label...) -> Series {
            Series(name: name, kind: .counter, help: help, labels: labels)
        }

        static func gauge(_ name: String, _ help: String, _ labels: Metric.Label...) -> Series {
            Series(name: name, kind: .gauge, help: help, labels: labels)
        }
    }

    let field: Field?
    let series: Series?
    /// As text; nil when there is nothing to tell now.
    let value: @Sendable (InfoSnapshot) -> String?

    /// A figure of INFO, and of `/metrics` if a series is given.
    init(
        _ section: InfoSection, _ name: String, _ series: Series? = nil,
        value: @escaping @Sendable (InfoSnapshot) -> String?
    ) {
        field = Field(section: section, name: name)
        self.series = series
        self.value = value
    }

    /// A figure of `/metrics` alone.
    init(_ series: Series, value: @escaping @Sendable (InfoSnapshot) -> String?) {
        field = nil
        self.series = series
        self.value = value
    }

    /// A counter of the hot path, as it is.
    init(_ section: InfoSection, _ name: String, _ series: Series? = nil, from counter: HotStatistics.Counter) {
        self.init(section, name, series) { String($0.statistics[keyPath: counter]) }
    }

    /// A counter of the hot path that INFO does not have.
    init(_ series: Series, from counter: HotStatistics.Counter) {
        self.init(series) { String($0.statistics[keyPath: counter]) }
    }

    /// A size, which INFO tells twice: in bytes, and for a person.
    static func size(
        _ section: InfoSection, _ name: String, _ series: Series? = nil,
        bytes: @escaping @Sendable (InfoSnapshot) -> UInt64
    ) -> [Figure] {
        [
            Figure(section, name, series) { String(bytes($0)) },
            Figure(section, name + "_human") { Decimal.humanBytes(bytes($0)) },
        ]
    }

    /// Every figure.
    static let all = server + connections + work + keys + memory + snapshots + cluster
}
