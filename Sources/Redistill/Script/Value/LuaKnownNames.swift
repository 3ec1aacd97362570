/// Strings that libraries look for or give in every run, made once.
struct LuaKnownNames {
    let n, err, ok, double, bigNumber, verbatim, format, string, map, set, ignoreStats: LuaString
    let nilText, trueText, falseText, empty: LuaString
    /// What `type` gives.
    private let boolean, number, table, function, userdata: LuaString

    init(_ heap: LuaHeap) {
        n = heap.name("n")
        err = heap.name("err")
        ok = heap.name("ok")
        double = heap.name("double")
        bigNumber = heap.name("big_number")
        verbatim = heap.name("verbatim_string")
        format = heap.name("format")
        string = heap.name("string")
        map = heap.name("map")
        set = heap.name("set")
        ignoreStats = heap.name("ignore_error_stats_update")
        nilText = heap.name("nil")
        trueText = heap.name("true")
        falseText = heap.name("false")
        empty = heap.name("")
        boolean = heap.name("boolean")
        number = heap.name("number")
        table = heap.name("table")
        function = heap.name("function")
        userdata = heap.name("userdata")
    }

    func type(of value: LuaValue) -> LuaString {
        switch value {
        case .nilValue: nilText
        case .boolean: boolean
        case .number: number
        case .string: string
        case .table: table
        case .closure, .builtin: function
        case .null: userdata
        }
    }
}
