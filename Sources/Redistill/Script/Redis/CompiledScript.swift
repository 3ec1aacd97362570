/// A script that was read and compiled: never changed, shared by all threads.
package final class CompiledScript: Sendable {
    /// Its SHA-1 in forty hexadecimal digits.
    package let digest: [UInt8]
    package let header: ScriptHeader
    package let sourceCount: Int
    let prototype: LuaPrototype

    /// Compiles a script; the error is what the client is told.
    package init(_ source: UnsafeBufferPointer<UInt8>) throws(ScriptError) {
        let bytes = Array(source)
        digest = ScriptDigest.hexadecimal(source)
        header = try ScriptHeader(bytes)
        sourceCount = bytes.count
        do {
            prototype = try LuaCompiler.compile(bytes, from: header.end, chunk: "user_script")
        } catch {
            throw ScriptError(Array("Error compiling script (new function): ".utf8) + error.message)
        }
    }

    /// About how many bytes it holds.
    package var size: Int { 256 + sourceCount + prototype.size }
}

extension LuaPrototype {
    fileprivate var size: Int {
        256 + code.count * 12 + constants.count * 48 + locals.count * 56 + functions.reduce(0) { $0 + $1.size }
    }
}
