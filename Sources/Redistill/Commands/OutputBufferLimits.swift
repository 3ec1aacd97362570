/// Redis's `client-output-buffer-limit`: three classes of clients with a hard limit, a soft one, and seconds.
///
/// Only the class `normal` exists here. The others are kept and shown, without effect.
struct OutputBufferLimits {
    private static let others = ["slave": "268435456 67108864 60", "pubsub": "33554432 8388608 60"]
    private let others: [String: String]
    var hard: Int64
    var soft: Int64
    var seconds: Int64

    init(_ configuration: Configuration) {
        hard = configuration.integer(.outputBufferLimit)
        soft = configuration.integer(.outputBufferSoftLimit)
        seconds = configuration.integer(.outputBufferSoftTime) / 1000
        others = Self.others.merging(configuration.kept.filter { Self.others[$0.key] != nil }) { $1 }
    }

    /// The three classes as Redis shows them.
    var text: String {
        "normal \(hard) \(soft) \(seconds) slave \(others["slave"] ?? "") pubsub \(others["pubsub"] ?? "")"
    }

    /// Reads `class hard soft seconds` once or more; nil with Redis's complaint when it can't.
    static func read(_ text: String, into configuration: inout Configuration) -> String? {
        let words = text.split(separator: " ").map(String.init)
        guard !words.isEmpty, words.count % 4 == 0 else {
            return "Wrong number of arguments in buffer limit configuration."
        }
        for start in stride(from: 0, to: words.count, by: 4) {
            let isNormal = words[start].lowercased() == "normal"
            guard isNormal || ["slave", "replica", "pubsub"].contains(words[start].lowercased()) else {
                return "Invalid client class specified in buffer limit configuration."
            }
            guard let hard = ByteSize.parse(words[start + 1]), let soft = ByteSize.parse(words[start + 2]),
                let seconds = Int64(words[start + 3]), (0...TimeText.day / 1000).contains(seconds),
                max(hard, soft) <= ByteSize.largest
            else { return "Error in hard, soft or soft_seconds setting in buffer limit configuration." }
            guard isNormal else {
                let name = words[start].lowercased()
                configuration.kept[name == "replica" ? "slave" : name] = "\(hard) \(soft) \(seconds)"
                continue
            }
            configuration[.outputBufferLimit] = .init(value: .integer(hard), origin: .command)
            configuration[.outputBufferSoftLimit] = .init(value: .integer(soft), origin: .command)
            configuration[.outputBufferSoftTime] = .init(value: .integer(seconds * 1000), origin: .command)
        }
        return nil
    }
}
