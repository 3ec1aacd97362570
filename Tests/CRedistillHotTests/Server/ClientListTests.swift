import CHotProbe
import CRedistillHot
import Testing

@Suite struct ClientListTests {
    /// What a line shows is written by the connection's worker while another one reads it.
    @Test func linesOfBusyConnectionsAreReadWhileTheyChange() throws {
        let server = try Server(workers: 4), asker = try server.connect()
        asker.ask(multibulk([bytes("SET"), bytes("large"), [UInt8](repeating: 1, count: 3_000_000)]), "+OK\r\n")
        var clients: [Client] = []
        for round in 0..<60 {
            for (number, client) in clients.enumerated() { keepBusy(client, round + number) }
            if clients.count < 12 { clients.append(try server.connect(receiveBuffer: 4096)) }
            let list = asker.exchange(multibulk("CLIENT", "LIST") + multibulk("ECHO", "end-of-list"), wanted: 1 << 16,
                                      until: "end-of-list\r\n")
            #expect(text(list).split(separator: "\n").count { $0.contains("tot-cmds=") } == clients.count + 1)
            #expect(server.largestClients(atMost: 5).count == min(5, clients.count + 1))
            if round % 10 == 9 {
                asker.ask(multibulk("CLIENT", "KILL", "SKIPME", "YES"), ":\(clients.count)\r\n")
                #expect(server.statistics.connections_active == 1)
                clients = []
            }
        }
        #expect(server.wait { $0.connections_active == 1 })
        #expect(server.isSound)
    }

    /// Sends and reads nothing: parts of requests, transactions, and replies that nobody takes.
    private func keepBusy(_ client: Client, _ turn: Int) {
        switch turn % 4 {
        case 0: client.send(bytes("*2\r\n$3\r\nGET\r\n$5\r\nla"))
        case 1: client.send(bytes("rge\r\nGET large\r\n"))
        case 2: client.send(bytes("WATCH a\r\nMULTI\r\nSET a b\r\nCLIENT SETNAME turn\(turn)\r\n"))
        default: client.send(bytes("EXEC\r\nDISCARD\r\n*2\r\n$4\r\nECHO\r\n$100000\r\n") + [UInt8](repeating: 2, count: 100))
        }
    }
}

extension Server {
    fileprivate func largestClients(atMost count: Int) -> [rd_client_size] {
        var all = [rd_client_size](repeating: rd_client_size(), count: count)
        let found = rd_server_largest_clients(handle, &all, count)
        return Array(all.prefix(found))
    }
}
