"""CLIENT LIST and CLIENT INFO: Redis's fields in Redis's order, with figures that are true."""

import time
import unittest

from daemon import Redistill
from resp import Connection, request

FIELDS = [
    "id", "addr", "laddr", "fd", "name", "age", "idle", "flags", "db", "sub", "psub", "ssub", "multi", "watch", "qbuf",
    "qbuf-free", "argv-mem", "multi-mem", "rbs", "rbp", "obl", "oll", "omem", "tot-mem", "events", "cmd", "user", "redir",
    "resp", "lib-name", "lib-ver", "io-thread", "tot-net-in", "tot-net-out", "tot-cmds",
]


def parse(line):
    return dict(field.split("=", 1) for field in line.split(" "))


def body(reply):
    return reply.split(b"\r\n", 1)[1][:-2].decode()


class ClientListTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Redistill("--workers", "2"))
        self.asker = self.open()
        self.client, self.id = self.open_with_id()

    def open(self):
        return self.enterContext(Connection(self.server))

    def open_with_id(self):
        connection = self.open()
        return connection, int(connection.ask("CLIENT", "ID")[1:])

    def line(self, identity=None):
        text = body(self.asker.ask("CLIENT", "LIST", "ID", identity or self.id))
        self.assertTrue(text.endswith("\n"))
        return parse(text[:-1])

    def wait_for(self, condition):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            line = self.line()
            if condition(line):
                return line
        self.fail(line)

    def test_fields_are_those_of_redis_in_its_order(self):
        for reply in (self.asker.ask("CLIENT", "INFO"), self.asker.ask("CLIENT", "LIST")):
            for line in body(reply).splitlines():
                self.assertEqual([field.split("=")[0] for field in line.split(" ")], FIELDS)

    def test_own_request_is_what_the_caller_sent(self):
        line = parse(body(self.asker.ask("CLIENT", "INFO"))[:-1])
        self.assertEqual((line["qbuf"], line["argv-mem"]), ("26", "10"))
        self.assertEqual((line["cmd"], line["events"], line["flags"]), ("client|info", "r", "N"))

    def test_part_of_a_request_is_in_the_query_buffer(self):
        self.client.socket.sendall(b"*2\r\n$3\r\nGET\r\n$100\r\nabc")
        line = self.wait_for(lambda line: line["qbuf"] != "0")
        self.assertEqual(line["qbuf"], "22")
        self.assertGreater(int(line["tot-mem"]), int(line["qbuf"]) + int(line["qbuf-free"]))
        self.client.socket.sendall(b"x" * 97 + b"\r\n")
        self.assertEqual(self.client.read(), b"$-1\r\n")
        self.assertEqual(self.line()["qbuf"], "0")

    def test_part_of_a_large_argument_is_in_the_query_buffer(self):
        self.client.socket.sendall(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\n" + b"x" * 600_000)
        self.wait_for(lambda line: int(line["qbuf"]) >= 600_000)
        self.client.socket.sendall(b"x" * 400_000 + b"\r\n")
        self.assertEqual(self.client.read(), b"+OK\r\n")
        self.assertEqual(self.line()["qbuf"], "0")

    def test_replies_that_are_not_taken_are_in_the_output_list(self):
        self.asker.ask("SET", "large", b"x" * 10_000_000)
        self.client.socket.sendall(request("GET", "large") * 2)
        line = self.wait_for(lambda line: line["events"] == "w")
        self.assertGreater(int(line["omem"]), 1_000_000)
        self.assertGreater(int(line["oll"]), 0)
        self.assertGreater(int(line["tot-mem"]), int(line["omem"]))
        for _ in range(2):
            self.client.read()
        line = self.wait_for(lambda line: line["events"] == "r")
        self.assertEqual((line["oll"], line["omem"]), ("0", "0"))

    def test_transaction_is_counted_and_measured(self):
        self.client.pipeline([request("WATCH", "a", "b"), request("MULTI"), request("SET", "k", b"x" * 1000), request("PING")])
        line = self.line()
        self.assertEqual((line["multi"], line["watch"], line["flags"]), ("2", "2", "x"))
        self.assertGreater(int(line["multi-mem"]), 1000)
        self.client.ask("DISCARD")
        line = self.line()
        self.assertEqual((line["multi"], line["watch"], line["multi-mem"], line["flags"]), ("-1", "0", "0", "N"))

    def test_traffic_and_commands_are_counted(self):
        ask = request("CLIENT", "ID")
        told = len(b":%d\r\n" % self.id)
        # What is sent is counted once it is, when the client may have it already.
        line = self.wait_for(lambda line: line["tot-net-out"] == str(told))
        self.assertEqual((line["tot-net-in"], line["tot-cmds"]), (str(len(ask)), "1"))
        self.client.pipeline([request("PING")] * 3)
        line = self.wait_for(lambda line: line["tot-net-out"] == str(told + 3 * len("+PONG\r\n")))
        self.assertEqual((line["tot-net-in"], line["tot-cmds"]), (str(len(ask) + 3 * len(request("PING"))), "4"))

    def test_long_names_are_shown_whole(self):
        name, library = "n" * 5000, "l" * 3000
        self.client.pipeline([request("CLIENT", "SETNAME", name), request("CLIENT", "SETINFO", "LIB-NAME", library)])
        line = self.line()
        self.assertEqual((line["name"], line["lib-name"], line["cmd"]), (name, library, "client|setinfo"))
        self.assertGreater(int(line["tot-mem"]), 8000)

    def test_tracking_is_shown_with_its_protocol_and_redirection(self):
        self.assertEqual((self.line()["redir"], self.line()["resp"]), ("-1", "2"))
        self.client.pipeline([request("HELLO", "3"), request("CLIENT", "TRACKING", "ON")])
        line = self.line()
        self.assertEqual((line["redir"], line["resp"], line["flags"]), ("0", "3", "t"))

    def connected(self):
        text = body(self.asker.ask("INFO", "clients"))
        return int(text.split("connected_clients:")[1].split("\r\n")[0])

    def test_whoever_has_connected_is_seen_at_once_and_whoever_is_killed_is_gone_at_once(self):
        most = 5
        for round in range(200):
            crowd = [self.server.connect() for _ in range(round % most + 1)]
            present = len(crowd) + (2 if round == 0 else 1)  # the first time the other client is there too
            # Each of these sees the newcomers by itself, so each has its turn at being the first to look.
            looks = [
                lambda: self.connected(),
                lambda: len(body(self.asker.ask("CLIENT", "LIST")).splitlines()),
            ]
            for look in looks[round % 2:] + looks[:round % 2]:
                self.assertEqual(look(), present, round)
            own = body(self.asker.ask("CLIENT", "INFO"))
            late = [self.server.connect() for _ in range(2)]
            killed = self.asker.ask("CLIENT", "KILL", "SKIPME", "YES")
            self.assertEqual(killed, b":%d\r\n" % (present + 1), round)
            self.assertEqual(self.asker.ask("CLIENT", "KILL", "SKIPME", "YES"), b":0\r\n")
            self.assertEqual(self.connected(), 1)
            self.assertEqual(body(self.asker.ask("CLIENT", "LIST")).split(" ")[0], own.split(" ")[0])
            for client in crowd + late:
                self.assertIn(self.end_of(client), (b"", ConnectionResetError))
                client.close()

    def end_of(self, client):
        try:
            return client.recv(1)
        except ConnectionResetError as error:
            return type(error)

    def test_newcomer_is_killed_by_what_it_is_known_by(self):
        for round in range(50):
            client = self.server.connect()
            address = "%s:%d" % client.getsockname()
            first, second = self.asker.pipeline(
                [request("CLIENT", "KILL", "ADDR", address), request("CLIENT", "KILL", address)])
            self.assertEqual((first, second), (b":1\r\n", b"-ERR No such client\r\n"), round)
            self.assertIn(self.end_of(client), (b"", ConnectionResetError))
            client.close()


if __name__ == "__main__":
    unittest.main()
