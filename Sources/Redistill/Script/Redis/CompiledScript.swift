/// A script that was read and compiled: never changed, shared by all threads.
package final class CompiledScript: Sendable {
    /// Its SHA-1 in forty hexadecimal digits.
    package let digest: [UInt8]
    package let header: ScriptHeader
    package let sourceCount: Int
    /// Whether it is proved that it touches no keys but those in KEYS, whatever it is given.
    package let touchesOnlyItsKeys: Bool
    let prototype: LuaPrototype

    /// Compiles a script; the error is what the client is told.
    ///
    /// - Parameter keysOf: Where the keys of a command stand, by its name as the script spells it; nil of a command
    ///   that touches other keys, or another database, than its words say.
    package init(
        _ source: UnsafeBufferPointer<UInt8>, keysOf: @escaping ([UInt8]) -> ScriptKeyPositions? = { _ in nil }
    ) throws(ScriptError) {
        let bytes = Array(source)
        digest = ScriptDigest.hexadecimal(source)
        header = try ScriptHeader(bytes)
        sourceCount = bytes.count
        do {
            prototype = try LuaCompiler.compile(bytes, from: header.end, chunk: "user_script")
        } catch {
            throw ScriptError(Array("Error compiling script (new function): ".utf8) + error.message)
        }
        guard LuaVerifier.accepts(prototype) else {
            throw ScriptError("Error compiling script (new function): internal error: the code is not sound")
        }
        touchesOnlyItsKeys = KeyAnalysis.touchesOnlyItsKeys(prototype, keysOf: keysOf)
    }

    /// About how many bytes it holds.
    package var size: Int { 256 + sourceCount + prototype.size }
}

extension LuaPrototype {
    fileprivate var size: Int {
        256 + code.count * 12 + constants.count * 48 + locals.count * 56 + functions.reduce(0) { $0 + $1.size }
    }
}
