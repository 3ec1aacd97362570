internal import Glibc

/// What a process before has left open for this one: the memory that its keys lie in, and its listening sockets.
///
/// It comes in a variable of the environment, from ourselves by way of `exec`, or from systemd's store of descriptors.
package struct Inheritance: Sendable, Equatable {
    /// Of the store; nil: there is none.
    package var store: Int32?
    /// The sockets, by ``HotEndpoint/inheritanceKey``.
    package var listeners: [String: Int32] = [:]
    /// systemd gave the store, and holds it until it is told not to.
    package var isOfManager = false
    /// Bytes that may be resident while keys of a crashed process are recovered; 0: any number.
    var roomToRecover: UInt64 = 0
    /// There was to be a store, and its descriptor is not open.
    package private(set) var isLost = false

    package init() {}

    /// In the environment of the program that comes next. Not of a configuration key's form, so that it is taken for none.
    static let variable = "REDISTILLD_INHERITANCE"
    /// What systemd knows the store by.
    static let name = "redistill-store"
    /// systemd's first descriptor (sd_listen_fds(3)).
    private static let first: Int32 = 3

    /// What the environment of this process speaks of, as far as it is open.
    package static func find(in environment: [String: String], processID: Int32) -> Inheritance {
        var found = environment[variable].map(parse) ?? Inheritance()
        if environment["LISTEN_PID"] == String(processID), let count = environment["LISTEN_FDS"].flatMap(Int32.init) {
            let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
            for (index, name) in names.prefix(Int(max(count, 0))).enumerated() where name == Self.name {
                // Of several the last is the newest.
                if let older = found.store { close(older) }
                found.store = first + Int32(index)
                found.isOfManager = true
            }
        }
        return found
    }

    /// Forgets what is not open, before anything else gets its number. The rest does not go to children.
    package mutating func forgetClosed() {
        if let store, fcntl(store, F_SETFD, FD_CLOEXEC) != 0 {
            self.store = nil
            isLost = true
        }
        listeners = listeners.filter { Self.listens($0.value) }
    }

    private static func listens(_ descriptor: Int32) -> Bool {
        var answer: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer != 0
    }

    /// The reverse of ``text``.
    package static func parse(_ text: String) -> Inheritance {
        var inheritance = Inheritance()
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count > 1, let descriptor = Int32(words[1]), descriptor > 2 else { continue }
            if words[0] == "store" { inheritance.store = descriptor }
            if words[0] == "listener" && words.count == 3 { inheritance.listeners[String(words[2])] = descriptor }
        }
        return inheritance
    }

    /// As the variable has it: a line for each descriptor.
    package var text: String {
        let store = store.map { ["store \($0)"] } ?? []
        return (store + listeners.sorted { $0.key < $1.key }.map { "listener \($0.value) \($0.key)" }).joined(separator: "\n")
    }

    /// What nobody wants is closed, and the file of a Unix socket goes with it.
    func discard(listenersBut wanted: Set<String>) {
        for (key, descriptor) in listeners where !wanted.contains(key) {
            close(descriptor)
            if key.hasPrefix("unix "), let path = key.split(separator: " ", maxSplits: 2).last { unlink(String(path)) }
        }
    }
}

extension HotEndpoint {
    /// The same for what is the same address to listen on, in this process and in the next.
    package var inheritanceKey: String {
        "\(isUnixSocket ? "unix" : tls ? "tls" : "tcp") \(expectsProxy ? "proxy " : "")\(port) \(address)"
    }
}
