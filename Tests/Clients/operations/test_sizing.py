"""docs/sizing.md: what it computes is what the daemon takes, with a hundredth of its example."""

import re
import socket
import ssl
import unittest

from certificates import Authority
from configured import Client, Daemon
from machine import Machine
from pages import Page
from resp import request

PAGE = Page.named("docs/sizing.md")
ITEMS = 100_000


def example():
    """The numbers of the calculation, by name, and what it prints."""
    block, = PAGE.section("The example").blocks()
    numbers = {name: int(value) for name, value in re.findall(r"\b(\w+)=(\d+)\b", block)}
    with Machine() as machine:
        return numbers, machine.run(block)


class Sizing(unittest.TestCase):
    def test_the_table_has_what_the_calculation_prints(self):
        numbers, printed = example()
        table = PAGE.section("The example").text.replace(",", "")
        for text in re.findall(r"(\d+ (?:bytes|MiB))", printed)[:2] + re.findall(r'"\d+mb"', printed):
            self.assertIn(f"| {text} |" if text.endswith(("s", "B")) else f"`{text}`", table)
        self.assertIn(str(numbers["connections"]), table)

    def test_items_take_what_is_computed(self):
        numbers, printed = example()
        self.assertLess(ITEMS, numbers["items"])
        item = int(re.search(r"an item takes (\d+) bytes", printed)[1])
        with Daemon(memory={"max_memory": "1gb"}) as daemon, daemon.connect() as client:
            before = int(daemon.info("memory")["used_memory"])
            value = b"v" * numbers["value"]
            for first in range(0, ITEMS, 1000):
                keys = [f"session:{index:032d}" for index in range(first, first + 1000)]
                self.assertEqual(len(keys[0]), numbers["key"])
                client.socket.sendall(b"".join(request("SET", key, value, "EX", "3600") for key in keys))
                self.assertEqual({client.read() for _ in keys}, {b"OK"})
            taken = int(daemon.info("memory")["used_memory"]) - before
        self.assertAlmostEqual(taken / (ITEMS * item), 1, delta=0.1)

    def test_a_connection_takes_what_is_computed(self):
        numbers, _ = example()
        with Machine() as machine:
            authority = Authority(machine.directory)
            certificate, key = authority.issue("server")
            context = ssl.create_default_context(cafile=str(authority.certificate))
            with Daemon(server={"port": 0}, security={
                    "tls_port": machine.ports["6380"], "tls_cert_path": str(certificate),
                    "tls_key_path": str(key)}) as daemon:
                clients = [Client(0, wrapped=context.wrap_socket(
                    socket.create_connection(("127.0.0.1", machine.ports["6380"]), 10), server_hostname="localhost"))
                    for _ in range(100)]
                for client in clients:
                    self.assertEqual(client.ask("PING"), b"PONG")
                text = clients[0].ask("INFO", "memory").decode()
                held = int(re.search(r"mem_clients_normal:(\d+)", text)[1]) / len(clients)
                for client in clients:
                    client.close()
                self.assertIsNone(daemon.process.poll())
        self.assertAlmostEqual(held / numbers["per_connection"], 1, delta=0.15)

    def test_what_you_have_is_shown(self):
        with Machine("[server]\nport = 6379\n") as machine:
            printed = machine.run("".join(PAGE.section("What you have").blocks()))
            self.assertRegex(printed, r"used_memory:\d+")


if __name__ == "__main__":
    unittest.main()
