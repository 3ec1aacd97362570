import Foundation
import Synchronization

/// Runs `body` in threads of their own while `meanwhile` runs here, waits for all, and throws the first error.
func withThreads(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Void, meanwhile: () throws -> Void = {}
) throws {
    let failures = Failures()
    let group = DispatchGroup()
    for number in 0..<count {
        group.enter()
        Thread.detachNewThread {
            defer { group.leave() }
            do { try body(number) } catch { failures.add(error) }
        }
    }
    do { try meanwhile() } catch { failures.add(error) }
    group.wait()
    if let failure = failures.first { throw failure }
}

private final class Failures: Sendable {
    private let list = Mutex<[any Error]>([])

    func add(_ error: any Error) { list.withLock { $0.append(error) } }

    var first: (any Error)? { list.withLock { $0.first } }
}
