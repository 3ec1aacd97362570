import Foundation

/// A value that one thread at a time may touch.
///
/// `Synchronization.Mutex` would do, but ThreadSanitizer can't see its futex and reports what it guards.
final class Locked<Value>: @unchecked Sendable {
    // Unchecked: `value` is only touched with `lock` held.
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}

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
    private let list = Locked<[any Error]>([])

    func add(_ error: any Error) { list.withLock { $0.append(error) } }

    var first: (any Error)? { list.withLock { $0.first } }
}
