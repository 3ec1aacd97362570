internal import CRedistillHot

/// What a client asks of scripts; stands for `struct rd_script_request`. Valid during the callback.
package struct HotScriptRequest {
    package typealias Bytes = HotScriptRun.Bytes

    package enum Task {
        /// Run the script of this text.
        case evaluate
        /// Run the script of this digest.
        case evaluateDigest
        /// Keep the script of this text.
        case load
        /// Of each argument, a digest: is it kept?
        case exists
        /// Forget all.
        case flush
    }

    let task: Task
    /// The number of the worker that asks.
    let worker: Int
    /// The version of RESP that the client speaks.
    let resp: Int
    /// Text or digest.
    let script: Bytes
    let keys: UnsafeBufferPointer<Bytes>
    let arguments: UnsafeBufferPointer<Bytes>
    /// Of the two tasks that run one.
    let run: HotScriptRun?

    init?(_ request: rd_script_request) {
        switch request.task {
        case RD_SCRIPT_EVAL: task = .evaluate
        case RD_SCRIPT_EVALSHA: task = .evaluateDigest
        case RD_SCRIPT_LOAD: task = .load
        case RD_SCRIPT_EXISTS: task = .exists
        case RD_SCRIPT_FLUSH: task = .flush
        default: return nil
        }
        worker = Int(request.worker)
        resp = Int(request.protocol)
        script = HotScriptRun.bytes(of: request.script)
        keys = HotScriptRun.bytes(request.keys, request.key_count)
        arguments = HotScriptRun.bytes(request.arguments, request.argument_count)
        run = request.run.map(HotScriptRun.init)
    }
}
