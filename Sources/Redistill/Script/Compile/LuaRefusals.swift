/// What Redis's scripts have and ours don't: a script that names it is refused when it is loaded.
enum LuaRefusals {
    static let names: [[UInt8]: String] = {
        let list = ["load", "loadstring", "coroutine", "newproxy", "setfenv", "getfenv"]
        return Dictionary(uniqueKeysWithValues: list.map { (Array($0.utf8), $0) })
    }()

    /// `string.dump`, for which there is nothing to dump.
    static let library = Array("string".utf8)
    static let function = Array("dump".utf8)
}
