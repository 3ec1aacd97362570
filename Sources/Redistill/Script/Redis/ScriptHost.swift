/// What a script may ask of the server that runs it.
///
/// All are called on the thread of the run, and only while it runs.
package protocol ScriptHost: AnyObject {
    /// Bytes that somebody else owns, valid during the call.
    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// Runs a command. The reply, in RESP of the version given, must stay as it is until the next call or the end of
    /// the run.
    func call(_ arguments: UnsafeBufferPointer<Bytes>, resp: Int) -> Bytes

    /// Whether the user may run the command; nil when there is no such command.
    func allows(_ arguments: UnsafeBufferPointer<Bytes>) -> Bool?

    /// Writes to the log: 0 is debug, 3 a warning.
    func log(level: Int, _ message: [UInt8])

    /// Asked each so many instructions: an error, as a reply without its minus, ends the run.
    func mayGoOn() -> [UInt8]?
}
