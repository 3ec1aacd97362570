internal import Glibc

/// Looks at a server again and again, draws what it sees, and does what keys say. Of one thread.
final class TopLoop {
    private let target: ServerTarget
    private var terminal: Terminal
    private var view: TopView
    private var sampler: TopSampler?
    private var snapshot: TopSnapshot?
    private var rates: TopRates?
    private var link = TopScreen.Link.connected
    private var notice: String?
    private var wantsToLeave = false
    /// A look that does not wait for its time.
    private var isDue = false
    private var wantsHotKeys = false
    private var typesKeys = true
    private var drawn = (width: 0, height: 0)

    init(_ target: ServerTarget, _ terminal: consuming Terminal, interval: Int64) {
        self.target = target
        self.terminal = terminal
        view = TopView(interval: interval)
    }

    /// Until somebody leaves; the first look fails where a later one is tried again.
    func run() throws(ServerProblem) {
        // The connection's wait holds the loop, and the loop the connection: here that circle ends.
        defer { sampler = nil }
        try look()
        terminal.enter()
        defer { terminal.leave() }
        draw()
        while !wantsToLeave {
            // Who can't reach a server need not ask ten times a second.
            let pause = link == .connected ? view.interval : max(1000, view.interval)
            isDue = false
            _ = wait(for: nil, until: Clock.monotonicMicroseconds() + pause * 1000)
            if wantsToLeave { return }
            if !view.isPaused || wantsHotKeys { try lookAgain() }
            draw()
        }
    }

    private func lookAgain() throws(ServerProblem) {
        do throws(ServerProblem) {
            try look()
            link = .connected
        } catch {
            if error == .left { return }
            if error.isFinal { throw error }
            sampler = nil
            link = .lost(because: error.description)
        }
    }

    private func look() throws(ServerProblem) {
        // Counters of before are another server's, perhaps.
        let before = sampler == nil ? nil : snapshot
        let current: TopSampler
        if let sampler { current = sampler } else { current = try TopSampler(target, wait: waiting) }
        if wantsHotKeys {
            wantsHotKeys = false
            notice = try current.switchHotKeys(snapshot?.hotKeys ?? .nothing)
        }
        let next = try current.sample()
        sampler = current
        rates = TopRates(from: before, to: next)
        snapshot = next
    }

    /// ``wait(for:until:)`` for a connection.
    private var waiting: ServerConnection.Wait {
        { descriptor, forWriting, deadline in self.wait(for: descriptor, forWriting, until: deadline) }
    }

    /// Waits for a descriptor or a time, and does what keys and signals say meanwhile.
    private func wait(for descriptor: Int32?, _ forWriting: Bool = false, until deadline: Int64) -> WaitEnd {
        while true {
            let left = deadline - Clock.monotonicMicroseconds()
            if left <= 0 { return .late }
            var polled = [
                pollfd(fd: typesKeys ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor ?? -1, events: Int16(forWriting ? POLLOUT : POLLIN), revents: 0),
            ]
            // A signal that comes just before is seen half a second later.
            _ = poll(&polled, 2, Int32(min(left / 1000 + 1, 500)))
            if polled[0].revents != 0 { readKeys() }
            if terminal.isEnding { wantsToLeave = true }
            if wantsToLeave { return .left }
            if snapshot != nil, terminal.size != drawn { draw() }
            if polled[1].revents != 0 { return .ready }
            if isDue && descriptor == nil { return .late }
        }
    }

    private func readKeys() {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        if count < 0 && errno == EINTR { return }
        guard count > 0 else {
            // The terminal has gone.
            typesKeys = false
            wantsToLeave = true
            return
        }
        for key in TopKey.all(in: bytes[..<count]) { press(key) }
    }

    private func press(_ key: TopKey) {
        notice = nil
        let pace = view.interval
        defer { if view.interval != pace { isDue = true } }
        switch view.press(key) {
        case .quit: wantsToLeave = true
        case .refresh: isDue = true
        case .switchHotKeys:
            wantsHotKeys = true
            isDue = true
        case .suspend: suspend()
        case .redraw:
            if key == .redraw { drawn = (0, 0) }
            draw()
        case nil: break
        }
    }

    private func suspend() {
        terminal.leave()
        kill(getpid(), SIGSTOP)
        // Somebody has called it back.
        terminal.enter()
        drawn = (0, 0)
        draw()
    }

    private func draw() {
        guard let snapshot, let rates else { return }
        let size = terminal.size
        let screen = TopScreen(
            place: target.place.description, snapshot: snapshot, rates: rates, view: view, link: link, notice: notice,
            width: size.width)
        terminal.draw(screen.lines(height: size.height), isFresh: size != drawn)
        drawn = size
    }
}
