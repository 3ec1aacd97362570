import CHotProbe
import CRedistillHot
import Testing

@Suite struct ClientMemoryTests {
    /// The start of a SET that announces `size` bytes, and `sent` of them.
    private func unfinishedSet(of size: Int, sent: Int) -> [UInt8] {
        bytes("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$\(size)\r\n") + [UInt8](repeating: 0x61, count: sent)
    }

    private func held(_ statistics: rd_statistics) -> UInt64 {
        statistics.memory_client_input + statistics.memory_client_values + statistics.memory_client_output
            + statistics.memory_client_queues + statistics.memory_feeds
    }

    @Test(arguments: PipelineTests.workers)
    func whatClientsHoldIsCountedAndComesBackWhenTheyGo(workers: UInt32) throws {
        let server = try Server(workers: workers), watcher = try server.connect()
        watcher.ask(bytes("PING\r\n"), "+PONG\r\n")
        let quiet = server.statistics
        watcher.ask(multibulk([bytes("SET"), bytes("large"), [UInt8](repeating: 1, count: 10_000)]), "+OK\r\n")
        #expect(held(quiet) == 0)

        let arguments = try server.connect()
        arguments.send(bytes("*30000\r\n") + bytes(String(repeating: "$1\r\nx\r\n", count: 20_000)))
        #expect(server.wait { $0.memory_client_input >= 20_000 * 16 })
        arguments.close()
        #expect(server.wait { $0.memory_client_input == 0 })

        let value = try server.connect()
        value.send(unfinishedSet(of: 4_000_000, sent: 1_000_000))
        #expect(server.wait { $0.memory_client_values >= 1_000_000 })
        value.reset()
        #expect(server.wait { $0.memory_client_values == 0 })

        let reader = try server.connect(receiveBuffer: 4096)
        reader.send(bytes(String(repeating: "GET large\r\n", count: 3000)))
        #expect(server.wait { $0.memory_client_output >= 100_000 })
        reader.reset()
        #expect(server.wait { $0.memory_client_output == 0 })

        let queue = try server.connect()
        queue.ask(bytes("MULTI\r\n"), "+OK\r\n")
        queue.ask(multibulk([bytes("SET"), bytes("key"), [UInt8](repeating: 1, count: 20_000)]), "+QUEUED\r\n")
        queue.ask(multibulk([bytes("SET"), bytes("key"), [UInt8](repeating: 1, count: 900_000)]), "+QUEUED\r\n")
        #expect(server.wait { $0.memory_client_queues + $0.memory_client_values >= 920_000 })
        queue.ask(bytes("DISCARD\r\n"), "+OK\r\n")
        #expect(server.wait { held($0) == 0 })
        queue.close()
        #expect(server.wait { $0.connections_active == 1 && $0.memory_connections == quiet.memory_connections })
    }

    /// An idle connection is its struct alone: its account comes with the first that it holds, and goes within a second.
    @Test(arguments: PipelineTests.workers)
    func accountOfWhoHoldsNothingIsGivenBack(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        client.ask(bytes("PING\r\n"), "+PONG\r\n")
        let idle = server.statistics.memory_connections
        client.send(unfinishedSet(of: 10_000, sent: 5000))
        #expect(server.wait { $0.memory_connections > idle })
        client.ask([UInt8](repeating: 0x61, count: 5000) + bytes("\r\n"), "+OK\r\n")
        #expect(server.wait { $0.memory_connections == idle })

        let closed = try Server(workers: workers, (RD_SET_AUTH_REQUIRED, 1)), stranger = try closed.connect()
        stranger.ask(bytes("PING\r\n"), "-NOAUTH Authentication required.\r\n")
        #expect(closed.statistics.memory_connections > idle)
        stranger.ask(bytes("AUTH secret\r\n"), "+OK\r\n")
        #expect(closed.wait { $0.memory_connections == idle })
    }

    @Test(arguments: PipelineTests.workers)
    func aValueThatHasBecomeAKeysIsNoLongerItsClients(workers: UInt32) throws {
        let server = try Server(workers: workers), client = try server.connect()
        client.send(unfinishedSet(of: 1_000_000, sent: 500_000))
        #expect(server.wait { $0.memory_client_values >= 500_000 && $0.memory_values == 0 })
        client.ask([UInt8](repeating: 0x61, count: 500_000) + bytes("\r\n"), "+OK\r\n")
        #expect(server.wait { $0.memory_client_values == 0 && $0.memory_values >= 1_000_000 })
    }

    @Test(arguments: PipelineTests.workers)
    func theLargestGoFirstAndOnlyAsManyAsNeeded(workers: UInt32) throws {
        let server = try Server(workers: workers, (RD_SET_MAX_CLIENT_MEMORY, 9_400_000))
        let small = try (0..<4).map { _ in try server.connect() }
        for client in small { client.send(unfinishedSet(of: 400_000, sent: 200_000)) }
        #expect(server.wait { $0.memory_client_values >= 800_000 })
        var large: [Client] = []
        for count in 1...3 {
            large.append(try server.connect())
            large[count - 1].send(unfinishedSet(of: 4_000_000, sent: 3_000_000))
            if count < 3 { #expect(server.wait { $0.memory_client_values >= UInt64(count) * 3_000_000 }) }
        }
        #expect(server.wait { $0.evicted_clients == 1 && $0.connections_active == 6 })
        for client in small {
            client.ask([UInt8](repeating: 0x61, count: 200_000) + bytes("\r\n"), "+OK\r\n")
        }
        #expect(server.statistics.evicted_clients == 1)
    }

    @Test(arguments: PipelineTests.workers)
    func whoAskedNotToBeEvictedStays(workers: UInt32) throws {
        let server = try Server(workers: workers, (RD_SET_MAX_CLIENT_MEMORY, 2 << 20))
        let spared = try server.connect(), other = try server.connect()
        spared.ask(bytes("CLIENT NO-EVICT ON\r\n"), "+OK\r\n")
        spared.send(unfinishedSet(of: 4_000_000, sent: 3_000_000))
        #expect(server.wait { $0.memory_client_values >= 3_000_000 })
        other.send(unfinishedSet(of: 400_000, sent: 200_000))
        #expect(server.wait { $0.evicted_clients == 1 })
        spared.ask([UInt8](repeating: 0x61, count: 1_000_000) + bytes("\r\n"), "+OK\r\n")
    }

    @Test(arguments: PipelineTests.workers)
    func strangersTogetherHoldLittle(workers: UInt32) throws {
        /* A 64th of max_memory is less than the least. */
        let server = try Server(workers: workers, (RD_SET_AUTH_REQUIRED, 1), (RD_SET_MAX_MEMORY, 32 << 20))
        let friend = try server.connect()
        friend.ask(bytes("AUTH secret\r\n"), "+OK\r\n")
        friend.send(unfinishedSet(of: 4_000_000, sent: 3_000_000))
        let argument = bytes("$16384\r\n") + [UInt8](repeating: 0x61, count: 16384) + bytes("\r\n")
        let request = bytes("*10\r\n") + Array(repeating: argument, count: 9).flatMap { $0 }
        let strangers = try (0..<40).map { _ in try server.connect() }
        for client in strangers { client.send(request, patience: 1000) }
        let most = (1 << 20) + UInt64(workers + 1) * 16384 // each worker counts in steps; the friend has an input, too
        #expect(server.wait { $0.closed_strangers > 0 && $0.memory_client_input <= most })
        #expect(server.statistics.evicted_clients == 0)
        friend.ask([UInt8](repeating: 0x61, count: 1_000_000) + bytes("\r\n"), "+OK\r\n")
    }
}
