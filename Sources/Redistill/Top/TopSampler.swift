/// Asks a server how it is, over one connection.
struct TopSampler {
    private let connection: ServerConnection
    /// A server that does not know a command is asked it once: each time more is an error in its statistics.
    private let knowsHotKeys: Bool
    private let knowsHistograms: Bool
    /// Why clients can't be listed, or nil: a user may not be allowed to.
    private let clientsProblem: String?

    /// A longer list would cost the server more than it tells.
    private static let mostClients = 1000.0
    /// Hot keys are sampled for so long, so that nobody need remember to stop it.
    static let hotKeySeconds = 60

    init(_ target: ServerTarget, wait: @escaping ServerConnection.Wait) throws(ServerProblem) {
        connection = try ServerConnection(target, name: "redistilld-top", wait: wait)
        // Before the first INFO, which then has these errors, too.
        let replies = try connection.ask([["HOTKEYS", "GET"], ["LATENCY", "HISTOGRAM"], ["CLIENT", "LIST", "TYPE", "replica"]])
        knowsHotKeys = replies[0].problem == nil
        knowsHistograms = replies[1].problem == nil
        clientsProblem = replies[2].problem
    }

    func sample() throws(ServerProblem) -> TopSnapshot {
        let answer = try connection.ask([["INFO", "everything"]])[0]
        guard let text = answer.text else { throw Self.refusal(answer) }
        let info = ServerInfo(text.shown)
        let taken = Clock.monotonicMicroseconds()
        let count = info.number("connected_clients") ?? 0
        var requests: [[ByteText]] = []
        if knowsHistograms { requests.append(["LATENCY", "HISTOGRAM"]) }
        if knowsHotKeys { requests.append(["HOTKEYS", "GET"]) }
        if clientsProblem == nil && count <= Self.mostClients { requests.append(["CLIENT", "LIST"]) }
        var replies = try connection.ask(requests)[...]
        let histograms = knowsHistograms ? replies.removeFirst() : .null
        let hotKeys = knowsHotKeys ? HotKeyList(replies.removeFirst()) : .unknown
        return TopSnapshot(
            taken: taken, info: info, histograms: LatencyHistogram.all(in: histograms),
            clients: clientsProblem.map { .unlisted(because: $0) } ?? Self.clients(replies.first), hotKeys: hotKeys)
    }

    /// Begins to sample hot keys, or ends it.
    ///
    /// - Returns: What came of it, for the operator.
    func switchHotKeys(_ list: HotKeyList) throws(ServerProblem) -> String {
        if case .sample(let sample) = list, sample.isActive {
            return try connection.ask([["HOTKEYS", "STOP"]])[0].problem ?? "sampling of hot keys has ended"
        }
        let seconds = ByteText("\(Self.hotKeySeconds)")
        let words: [ByteText] = ["HOTKEYS", "START", "METRICS", "2", "CPU", "NET", "COUNT", "16", "DURATION", seconds]
        if !knowsHotKeys { return "this server has no HOTKEYS" }
        if let problem = try connection.ask([words])[0].problem { return problem }
        return "hot keys are sampled for \(Self.hotKeySeconds) s"
    }

    private static func clients(_ reply: RESPValue?) -> TopSnapshot.Clients {
        guard let reply else { return .unlisted(because: "more than \(Int(mostClients)) clients are not listed") }
        if let problem = reply.problem { return .unlisted(because: problem) }
        return .listed(ClientLine.all(in: reply.text?.shown ?? ""))
    }

    private static func refusal(_ answer: RESPValue) -> ServerProblem {
        let problem = answer.problem ?? "it answered INFO with no text"
        if !problem.hasPrefix("NOAUTH") { return ServerProblem("the server refuses INFO: \(problem)", isFinal: true) }
        return ServerProblem("the server wants a password: set REDISCLI_AUTH, or give -a PASSWORD", isFinal: true)
    }
}
