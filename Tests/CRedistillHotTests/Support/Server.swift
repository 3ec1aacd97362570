import CHotProbe
import CRedistillHot
import Glibc
import Testing

/// A server on a free port of the loopback interface, through the public header alone; stopped when it goes.
final class Server {
    let handle: OpaquePointer
    let port: UInt16

    /// Turned on by AUTH with the password "secret".
    struct Options {
        var workers: UInt32 = 1
        var shards: UInt32 = 16
        var policy: String?
        /// In percent of the memory limit, by database.
        var shares: [Int: UInt8] = [:]
        var http = false
        var tls = false
        var proxy = false
        /// In a cluster of it and another one: which of them has all slots.
        var owner: Owner?
        /// What its clients' scripts are.
        var scripts: Scripts?
        var settings: [(rd_setting, Int64)] = []
        /// Whose allocations the server's are.
        var fault: Fault?
    }

    enum Owner: UInt16 {
        case itself, other
    }

    private let fault: Fault?
    private let scripts: Scripts?

    convenience init(_ options: Options = Options()) throws {
        try self.init(handle: #require(Self.start(options)), options)
    }

    private init(handle: OpaquePointer, _ options: Options) throws {
        self.handle = handle
        (fault, scripts) = (options.fault, options.scripts)
        port = rd_server_port(handle, 0)
        try #require(port != 0)
    }

    /// Nil when it said that memory, or something else of the system's, was out.
    static func ifItStarts(_ options: Options) throws -> Server? {
        try start(options).map { try Server(handle: $0, options) }
    }

    convenience init(workers: UInt32, _ settings: (rd_setting, Int64)...) throws {
        try self.init(Options(workers: workers, settings: settings))
    }

    deinit {
        fault?.enter()
        rd_server_destroy(handle)
        fault?.leave()
    }

    private static func start(_ options: Options) -> OpaquePointer? {
        options.fault?.enter()
        defer { options.fault?.leave() }
        guard let handle = create(options) else { return nil }
        if options.tls { rd_server_set_tls(handle, probe_tls_context()) }
        var error = rd_error()
        let hasOwner = options.owner.map { probe_server_set_owner(handle, $0.rawValue) == RD_OK } ?? true
        if hasOwner && rd_server_start(handle, &error) == RD_OK { return handle }
        rd_server_destroy(handle)
        return nil
    }

    private static func create(_ wanted: Options) -> OpaquePointer? {
        var callbacks = rd_callbacks()
        callbacks.authenticate = { _, _, user, password in
            let isDefault = bytes(of: user) == bytes("default")
            return bytes(of: password) == bytes(isDefault ? "secret" : "pw")
        }
        if let scripts = wanted.scripts {
            callbacks.context = UnsafeMutableRawPointer(scripts.handle)
            callbacks.script = probe_script_answer
        }
        var server: OpaquePointer?, error = rd_error()
        let status = "127.0.0.1".withCString { address in
            var endpoint = rd_endpoint()
            endpoint.address = address
            endpoint.tls = wanted.tls
            endpoint.proxy_protocol = wanted.proxy
            return withUnsafePointer(to: &endpoint) { endpoint in
                func create(_ policy: UnsafePointer<CChar>?) -> rd_status {
                    var options = rd_options()
                    options.workers = wanted.workers
                    options.num_shards = wanted.shards
                    options.endpoints = endpoint
                    options.endpoint_count = 1
                    options.http_enabled = wanted.http
                    options.eviction_policy = policy
                    withUnsafeMutableBytes(of: &options.database_shares) { shares in
                        for (database, percent) in wanted.shares { shares[database] = percent }
                    }
                    withUnsafeMutableBytes(of: &options.settings) { settings in
                        let settings = settings.bindMemory(to: Int64.self)
                        for index in settings.indices { settings[index] = -1 }
                        for (setting, value) in wanted.settings { settings[Int(setting.rawValue)] = value }
                    }
                    return rd_server_create(&options, &callbacks, &server, &error)
                }
                return wanted.policy.map { $0.withCString(create) } ?? create(nil)
            }
        }
        return status == RD_OK ? server : nil
    }

    func setOwner(_ owner: Owner) {
        fault?.enter()
        defer { fault?.leave() }
        #expect(probe_server_set_owner(handle, owner.rawValue) == RD_OK)
    }

    func connect(receiveBuffer: Int32 = 0) throws -> Client {
        let fd = probe_connect(port, receiveBuffer)
        try #require(fd >= 0)
        return Client(fd: fd)
    }

    var statistics: rd_statistics {
        var statistics = rd_statistics()
        rd_server_statistics(handle, &statistics)
        return statistics
    }

    func statistics(ofDatabase number: Int) -> rd_database_statistics {
        var statistics = rd_database_statistics()
        _ = rd_server_database_statistics(handle, UInt32(number), &statistics)
        return statistics
    }

    var shards: Int { Int(rd_server_shards(handle)) }

    var isSound: Bool { probe_server_check(handle) }

    func counter(_ key: String) -> Int {
        Int(withSlice(bytes(key)) { probe_server_counter(handle, $0) })
    }

    /// Waits until the condition holds, for as long as a slow machine may need.
    func wait(until condition: (rd_statistics) -> Bool) -> Bool {
        let clock = ContinuousClock(), end = clock.now + .seconds(20)
        while !condition(statistics) {
            if clock.now > end { return false }
            sched_yield()
        }
        return true
    }
}
