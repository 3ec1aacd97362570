/// What does not change while the server runs.
package struct ServerFacts: Sendable, Equatable {
    package var operatingSystem: String
    package var processID: Int32
    /// 40 hexadecimal digits that differ at every start.
    package var runID: String
    package var executable: String
    /// The port that clients are told of: the first TCP endpoint.
    package var port: UInt16
    package var workers: Int
    package var shards: Int
    package var totalMemory: UInt64
    package var libeventVersion: String
    package var opensslVersion: String
    /// By systemd.
    package var isSupervised: Bool
    /// The values of INFO's `listener0` and so on.
    package var listeners: [String]

    package init(
        operatingSystem: String = "", processID: Int32 = 0, runID: String = "", executable: String = "",
        port: UInt16 = 0, workers: Int = 0, shards: Int = 0, totalMemory: UInt64 = 0, libeventVersion: String = "",
        opensslVersion: String = "", isSupervised: Bool = false, listeners: [String] = []
    ) {
        self.operatingSystem = operatingSystem
        self.processID = processID
        self.runID = runID
        self.executable = executable
        self.port = port
        self.workers = workers
        self.shards = shards
        self.totalMemory = totalMemory
        self.libeventVersion = libeventVersion
        self.opensslVersion = opensslVersion
        self.isSupervised = isSupervised
        self.listeners = listeners
    }
}
