import CHotProbe
import CRedistillHot

/// What one scan said.
enum Scan: Equatable, CustomStringConvertible {
    case command([[UInt8]], consumed: Int)
    case more
    case empty(consumed: Int)
    case bad(String)

    var description: String {
        switch self {
        case .command(let arguments, let consumed): "command \(arguments.map(text)), \(consumed) bytes"
        case .more: "more"
        case .empty(let consumed): "empty, \(consumed) bytes"
        case .bad(let error): "bad: \(error)"
        }
    }

    static func command(_ arguments: [String], consumed: Int) -> Scan {
        .command(arguments.map { bytes($0) }, consumed: consumed)
    }
}

/// The request scanner, whose every scan ends at an unmapped page.
final class Scanner {
    private let handle: OpaquePointer

    init(capacity: Int = 1 << 20) {
        handle = probe_scanner_new(capacity)
    }

    deinit {
        probe_scanner_free(handle)
    }

    func limit(bulk: UInt64, arguments: UInt64, authenticated: Bool) {
        probe_scanner_set_limits(handle, bulk, arguments, authenticated)
    }

    func restart() {
        probe_scanner_restart(handle)
    }

    /// Scans on with what came so far of the request in hand.
    func scanOn(_ request: some Collection<UInt8>) -> Scan {
        let result = withSlice(Array(request)) { probe_scanner_scan(handle, $0.bytes, $0.length) }
        precondition(probe_scanner_arguments_lie_within(handle), "an argument lies outside of what was scanned")
        let consumed = probe_scanner_consumed(handle)
        switch result {
        case PROBE_SCAN_COMMAND:
            precondition(consumed <= request.count, "more was consumed than there was")
            let arguments = (0..<probe_scanner_count(handle)).map { bytes(of: probe_scanner_argument(handle, $0)) }
            return .command(arguments, consumed: consumed)
        case PROBE_SCAN_MORE: return .more
        case PROBE_SCAN_EMPTY: return .empty(consumed: consumed)
        case PROBE_SCAN_BAD: return .bad(String(cString: probe_scanner_error(handle)))
        default: preconditionFailure("the scanner ran out of memory")
        }
    }

    /// Scans a new request.
    func scan(_ request: some Collection<UInt8>) -> Scan {
        restart()
        return scanOn(request)
    }

    var reservedArguments: Int {
        Int(probe_scanner_reserved(handle))
    }

    /// Everything in the stream, request after request, up to the first that is cut or bad.
    func scanAll(_ stream: [UInt8]) -> [Scan] {
        var results: [Scan] = [], position = 0
        while position < stream.count {
            let result = scan(stream[position...])
            results.append(result)
            switch result {
            case .command(_, let consumed), .empty(let consumed): position += consumed
            case .more, .bad: return results
            }
        }
        return results
    }

    /// The same with the stream arriving in pieces, each scan resumed where the last one stopped.
    func scanAll(_ stream: [UInt8], arrivingIn pieces: [Int]) -> [Scan] {
        var results: [Scan] = [], position = 0, arrived = 0
        restart()
        for piece in pieces {
            arrived = min(arrived + piece, stream.count)
            while position < arrived {
                let result = scanOn(stream[position..<arrived])
                switch result {
                case .command(_, let consumed), .empty(let consumed):
                    results.append(result)
                    position += consumed
                    restart()
                    continue
                case .bad:
                    return results + [result]
                case .more: break
                }
                break
            }
        }
        return position < stream.count ? results + [.more] : results
    }
}
