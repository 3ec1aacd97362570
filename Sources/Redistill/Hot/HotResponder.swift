/// What the hot path asks of the control plane; the Swift side of `rd_callbacks`.
///
/// Calls come from several threads at once and hold up the connections of the calling worker, so that no method may
/// wait for anything.
package protocol HotResponder: Sendable {
    /// Whether a password is right; `user` is "default" for AUTH with one argument.
    func authenticate(user: RawSpan, password: RawSpan) -> Bool
    /// The text of INFO for some sections; none named means the default ones.
    func info(sections: [String]) -> String
    /// CONFIG GET.
    func configGet(patterns: [String]) -> HotReply
    /// CONFIG SET; names and values in turn, and the address of who asks.
    func configSet(_ arguments: [ByteText], askedBy peer: String) -> HotReply
    /// CONFIG REWRITE.
    func configRewrite(askedBy peer: String) -> HotReply
    /// SHUTDOWN: asks for the stop and returns; `now` waits for nothing.
    func shutdown(askedBy peer: String, now: Bool, save: SaveWish)
    /// What a client asks of scripts: the reply, or nil when the run of a script has answered. It may take its time.
    func script(_ request: HotScriptRequest) -> HotReply?
    /// An HTTP request, on the control thread.
    func http(_ request: HTTPRequest) -> HTTPAnswer
    /// Something worth a log line.
    func event(_ event: HotEvent)
}
