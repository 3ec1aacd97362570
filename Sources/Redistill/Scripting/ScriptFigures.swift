/// What INFO tells of scripts.
package struct ScriptFigures: Sendable {
    /// Scripts that EVALSHA finds.
    var kept = 0
    /// Bytes that those take, text and code.
    var bytes = 0
    /// Since the start, how many went to make room for others.
    var evicted = 0
}
