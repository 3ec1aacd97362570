internal import Glibc

/// One look at a server, for what is no terminal: two snapshots, and what happened between them.
enum TopPage {
    static func text(of target: ServerTarget, interval: Int64) throws(ServerProblem) -> String {
        let sampler = try TopSampler(target, wait: ServerConnection.idleWait)
        let before = try sampler.sample()
        var pause = timespec(tv_sec: Int(interval / 1000), tv_nsec: Int(interval % 1000 * 1_000_000))
        nanosleep(&pause, nil)
        let after = try sampler.sample()
        let screen = TopScreen(
            place: target.place.description, snapshot: after, rates: TopRates(from: before, to: after),
            view: TopView(interval: interval), width: 80)
        return screen.page().map { String($0.text.reversed().drop { $0 == " " }.reversed()) + "\n" }.joined()
    }
}
