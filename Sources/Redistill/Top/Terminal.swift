internal import Glibc
internal import Synchronization

/// The terminal of this process, for pictures and single keys. Of one thread.
struct Terminal: ~Copyable {
    private let original: termios
    private let hasColors: Bool
    private var isEntered = false

    /// What makes poll(2) return early; the numbers of those that end the program are kept.
    private static let ending = Atomic<Int32>(0)

    /// Nil when standard output is no terminal that understands more than lines, or standard input none to type at.
    init?(environment: [String: ByteText]) {
        var settings = termios()
        let kind = environment["TERM"]?.text ?? ""
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0, kind != "", kind != "dumb" else {
            return nil
        }
        original = settings
        hasColors = environment["NO_COLOR"]?.bytes.isEmpty ?? true
    }

    /// Columns and rows.
    var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Whether a signal wants the program to end.
    var isEnding: Bool { Self.ending.load(ordering: .relaxed) != 0 }

    /// Takes the whole screen, without the cursor; what was on it comes back with ``leave()``.
    mutating func enter() {
        guard !isEntered else { return }
        for number in [SIGTERM, SIGHUP, SIGINT] {
            _ = signal(number) { Terminal.ending.store($0, ordering: .relaxed) }
        }
        // The new size is asked for when poll returns.
        _ = signal(SIGWINCH) { _ in }
        var raw = original
        cfmakeraw(&raw)
        // What was typed before counts.
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        StandardStreams.write("\u{1b}[?1049h\u{1b}[?25l", to: STDOUT_FILENO)
        isEntered = true
    }

    /// Gives it back.
    mutating func leave() {
        guard isEntered else { return }
        var settings = original
        StandardStreams.write("\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l", to: STDOUT_FILENO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        isEntered = false
    }

    /// Draws a screen in one write, over what was there: nothing is cleared first, so nothing flickers.
    ///
    /// - Parameter isFresh: Whether what is there can't be trusted, as after a change of size.
    func draw(_ lines: [ScreenLine], isFresh: Bool) {
        // Terminals that know 2026 show nothing of it until it is whole; others skip it.
        var text = "\u{1b}[?2026h" + (isFresh ? "\u{1b}[2J" : "") + "\u{1b}[H"
        for (index, line) in lines.enumerated() {
            if index > 0 { text += "\r\n" }
            text += style(line.emphasis) + line.text + "\u{1b}[0m\u{1b}[K"
        }
        StandardStreams.write(text + "\u{1b}[?2026l", to: STDOUT_FILENO)
    }

    private func style(_ emphasis: ScreenLine.Emphasis) -> String {
        switch emphasis {
        case .plain: ""
        case .bar: "\u{1b}[7m"
        case .heading: "\u{1b}[1m"
        case .alarm: hasColors ? "\u{1b}[1;31m" : "\u{1b}[1m"
        }
    }
}
