"""Access and limits: every refusal is told, counted by reason, and logged at most once a second."""

import os
import resource
import socket
import stat
import time
import unittest
import urllib.request

from configured import Client, Daemon, ErrorReply, free_port, request, until


def is_closed(client):
    """Whether the server hung up; a reset is a way of hanging up."""
    try:
        return client.socket.recv(1) == b""
    except ConnectionResetError:
        return True


class Limits(unittest.TestCase):
    def test_wrong_passwords_are_slowed_and_nobody_else_is(self):
        with Daemon(security={"password": "right", "auth_failure_delay": "200ms"}, server={"workers": 1}) as daemon:
            with daemon.connect() as guesser, daemon.connect() as friend:
                self.assertEqual(friend.ask("AUTH", "right"), b"OK")
                for _ in range(11):
                    self.assertTrue(guesser.ask("AUTH", "wrong").startswith("WRONGPASS"))
                start = time.monotonic()
                for _ in range(3):
                    guesser.send("AUTH", "default", "wrong")
                    began = time.monotonic()
                    self.assertEqual(friend.ask("PING"), b"PONG")
                    self.assertLess(time.monotonic() - began, 0.15)
                    self.assertTrue(guesser.read().startswith("WRONGPASS"))
                self.assertGreater(time.monotonic() - start, 0.35)
                self.assertEqual(guesser.ask("AUTH", "right"), b"OK")
                info = friend.ask("INFO", "stats").decode()
                self.assertIn("acl_access_denied_auth:14", info)
                self.assertRegex(info, "auth_attempts_delayed:[2-9]")
            daemon.wait_for_line("a client gave a wrong password")
            self.assertLess(sum("wrong password" in line for line in daemon.lines()), 6)
            self.assertFalse(any("right" in line for line in daemon.lines() if "password" in line))

    def test_rate_per_address_spares_other_addresses(self):
        keys = {"connection_rate_limit_per_address": 5, "bind": ["127.0.0.1", "127.0.0.2"]}
        with Daemon(server=keys) as daemon:
            self.assertEqual([daemon.ask("PING") for _ in range(4)], [b"PONG"] * 4)
            replies = []
            for _ in range(20):
                with daemon.connect() as client:
                    try:
                        replies.append(client.ask("PING"))
                    except OSError:
                        replies.append(None)
            self.assertIn("ERR connection rate limit exceeded", [str(reply) for reply in replies])
            other = socket.create_connection(("127.0.0.1", daemon.port), 5, source_address=("127.0.0.3", 0))
            with Client(0, wrapped=other) as client:
                self.assertEqual(client.ask("PING"), b"PONG")
            time.sleep(1.1)
            self.assertGreater(int(daemon.info("stats")["rejected_connections_rate_per_address"]), 5)

    def test_total_rate_refills(self):
        with Daemon(server={"connection_rate_limit": 5}) as daemon:
            refused = 0
            for _ in range(20):
                with daemon.connect() as client:
                    try:
                        refused += isinstance(client.ask("PING"), ErrorReply)
                    except OSError:
                        refused += 1
            self.assertGreaterEqual(refused, 10)
            time.sleep(1.1)
            self.assertGreaterEqual(int(daemon.info("stats")["rejected_connections_rate"]), 10)
            daemon.wait_for_line("connection_rate_limit exceeded")
            lines = [line for line in daemon.lines() if "connections were refused" in line]
            self.assertLess(len(lines), 5)

    def test_most_connections(self):
        with Daemon(server={"max_connections": 3}) as daemon:
            clients = [daemon.connect() for _ in range(3)]
            for client in clients:
                self.assertEqual(client.ask("PING"), b"PONG")
            with daemon.connect() as refused:
                self.assertEqual(refused.read(), "ERR max number of clients reached")
            self.assertIn(b"rejected_connections_max_connections:1\r\n", clients[0].ask("INFO", "stats"))
            for client in clients:
                client.close()

    def test_tls_on_plain_port_is_closed_counted_and_logged(self):
        with Daemon() as daemon:
            for _ in range(5):
                with daemon.connect() as client:
                    client.socket.sendall(b"\x16\x03\x01\x00\xf4\x01\x00\x00\xf0\x03\x03" + bytes(200))
                    self.assertTrue(is_closed(client))
            self.assertEqual(daemon.info("stats")["rejected_connections_tls_on_plain_port"], "5")
            time.sleep(1.2)
            lines = [line for line in daemon.lines() if "spoke TLS on a plain port" in line]
            self.assertIn(len(lines), (1, 2))
            self.assertIn("client=127.0.0.1:", lines[0])

    def test_http_on_the_port_is_closed_and_counted(self):
        with Daemon() as daemon:
            with daemon.connect() as client:
                client.socket.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertTrue(is_closed(client))
            self.assertEqual(daemon.info("stats")["rejected_connections_http"], "1")
            daemon.wait_for_line("possible attack")

    def test_proxy_header_is_closed_without_an_answer_counted_and_logged(self):
        with Daemon() as daemon:
            for header in [b"PROXY TCP4 192.0.2.7 127.0.0.1 12345 6379\r\n",
                           b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"] * 2:
                with daemon.connect() as client:
                    client.socket.sendall(header + b"PING\r\n")
                    self.assertTrue(is_closed(client))
            self.assertEqual(daemon.info("stats")["rejected_connections_proxy_header"], "4")
            lines = [line for line in daemon.lines() if "a PROXY protocol header came" in line]
            self.assertIn(len(lines), (1, 2))
            self.assertIn("client=127.0.0.1:", lines[0])

    def test_behind_a_proxy_the_client_has_its_own_address(self):
        keys = {"proxy_protocol": True}
        with Daemon(server=keys, security={"password": "right"}) as daemon:
            client = Client(daemon.port)
            client.socket.sendall(b"PROXY TCP4 192.0.2.7 127.0.0.1 12345 6379\r\n")
            self.assertTrue(client.ask("AUTH", "wrong").startswith("WRONGPASS"))
            self.assertEqual(client.ask("AUTH", "right"), b"OK")
            self.assertIn(b" addr=192.0.2.7:12345 ", client.ask("CLIENT", "LIST"))
            daemon.wait_for_line("client=192.0.2.7:12345")
            with daemon.connect() as bare:
                bare.send("PING")
                self.assertTrue(is_closed(bare))
            self.assertIn(b"rejected_connections_no_proxy_header:1\r\n", client.ask("INFO", "stats"))
            daemon.wait_for_line("sent no PROXY protocol header")
            client.close()

    def test_half_sent_http_requests_take_no_descriptor_from_clients(self):
        def limits():
            resource.setrlimit(resource.RLIMIT_NOFILE, (600, 600))

        with Daemon(limits=limits, server={"workers": 1}) as daemon:
            halves = []
            for _ in range(580):
                half = socket.create_connection(("127.0.0.1", daemon.http), 5)
                half.sendall(b"GET /health HTTP/1.1\r\nHost:")
                halves.append(half)
            clients = [daemon.connect() for _ in range(100)]
            for client in clients:
                self.assertEqual(client.ask("PING"), b"PONG")
            body = urllib.request.urlopen(f"http://127.0.0.1:{daemon.http}/health/live", timeout=5).read()
            self.assertEqual(body, b"live\n")
            info = clients[0].ask("INFO", "stats").decode()
            self.assertRegex(info, "rejected_connections_health_max_connections:5[0-9][0-9]\r\n")
            self.assertLess(len(daemon.lines()), 60)  # not one for each
            for client in halves + clients:
                client.close()

    def test_http_request_that_trickles_ends_at_the_deadline(self):
        with Daemon() as daemon:
            slow = socket.create_connection(("127.0.0.1", daemon.http), 30)
            slow.settimeout(0.5)
            start, ended = time.monotonic(), False
            while not ended and time.monotonic() < start + 25:
                try:
                    slow.sendall(b"a")
                    ended = slow.recv(1) == b""
                except TimeoutError:
                    pass
                except OSError:
                    ended = True
            self.assertTrue(ended)
            self.assertGreater(time.monotonic() - start, 8)
            self.assertIn('redistill_connections_closed_total{reason="health_timeout"} 1',
                          urllib.request.urlopen(f"http://127.0.0.1:{daemon.http}/metrics").read().decode())
            slow.close()

    def test_http_port_without_descriptors_pauses_and_goes_on(self):
        def limits():
            resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))

        with Daemon(limits=limits, server={"workers": 1}) as daemon:
            with daemon.connect() as first:
                crowd = [daemon.connect() for _ in range(60)]
                daemon.wait_for_line("no new connections are accepted for now")
                probe = socket.create_connection(("127.0.0.1", daemon.http), 10)
                probe.sendall(b"GET /health/live HTTP/1.1\r\n\r\n")
                spent = daemon.cpu_ticks()
                time.sleep(1)
                self.assertLess(daemon.cpu_ticks() - spent, 20, "it spins")
                self.assertEqual(first.ask("PING"), b"PONG")
                self.assertLess(len(daemon.lines()), 20)
                for client in crowd:
                    client.close()
                self.assertTrue(probe.recv(100).startswith(b"HTTP/1.1 200 OK"))
                probe.close()

    def test_start_does_not_wait_for_a_unix_socket_whose_holder_does_not_accept(self):
        path = f"/tmp/redistill-held-{os.getpid()}.sock"
        holder = socket.socket(socket.AF_UNIX)
        holder.bind(path)
        holder.listen(0)
        waiting = []
        try:
            for _ in range(3):  # until its backlog is full
                waiting.append(socket.socket(socket.AF_UNIX))
                waiting[-1].setblocking(False)
                try:
                    waiting[-1].connect(path)
                except BlockingIOError:
                    break
            with Daemon(wait=False, server={"unix_socket": path}) as daemon:
                self.assertEqual(daemon.process.wait(10), 1)
                self.assertIn("Address already in use", daemon.process.stderr.read())
            self.assertTrue(os.path.exists(path))
        finally:
            for one in waiting + [holder]:
                one.close()
            os.unlink(path)

    def test_running_out_of_descriptors_pauses_accepting(self):
        def limits():
            resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))

        with Daemon(limits=limits, server={"workers": 1}) as daemon:
            with daemon.connect() as first:
                self.assertEqual(first.ask("PING"), b"PONG")
                crowd = [daemon.connect() for _ in range(80)]
                daemon.wait_for_line("no new connections are accepted for now")
                spent = daemon.cpu_ticks()
                time.sleep(1)
                self.assertLess(daemon.cpu_ticks() - spent, 20, "it spins")
                self.assertEqual(first.ask("PING"), b"PONG")
                self.assertEqual(sum("for now" in line for line in daemon.lines()), 1)
                for client in crowd:
                    client.close()
                daemon.wait_for_line("new connections are accepted again")
                self.assertEqual(daemon.ask("PING"), b"PONG")
                self.assertGreater(int(daemon.info("stats")["rejected_connections_no_descriptors"]), 0)

    def test_several_addresses_and_a_missing_optional_one(self):
        with Daemon(server={"bind": ["127.0.0.1", "-::1", "-192.0.2.1", "127.0.0.2"]}) as daemon:
            for address in ["127.0.0.1", "127.0.0.2"]:
                with Client(0, wrapped=socket.create_connection((address, daemon.port), 5)) as client:
                    self.assertEqual(client.ask("PING"), b"PONG")
            if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
                with Client(0, wrapped=socket.create_connection(("::1", daemon.port), 5)) as client:
                    self.assertEqual(client.ask("PING"), b"PONG")
                    self.assertIn(b"addr=[::1]:", client.ask("CLIENT", "INFO"))

    def test_an_ipv4_client_of_a_socket_for_both_has_its_ipv4_address(self):
        with Daemon(server={"bind": "*"}) as daemon, daemon.connect() as client, daemon.connect() as other:
            address = "%s:%d" % client.socket.getsockname()[:2]
            self.assertIn(f"addr={address} laddr=127.0.0.1:{daemon.port} ", client.ask("CLIENT", "INFO").decode())
            self.assertEqual(other.ask("CLIENT", "KILL", "ADDR", address), 1)

    def test_missing_address_that_is_not_optional_is_one_line(self):
        with Daemon(wait=False, server={"bind": "192.0.2.1"}) as daemon:
            self.assertEqual(daemon.process.wait(10), 1)
            self.assertIn("192.0.2.1", daemon.process.stderr.read())

    def test_unix_socket_has_its_permissions(self):
        path = f"/tmp/redistill-{os.getpid()}.sock"
        with Daemon(server={"unix_socket": path, "unix_socket_mode": "700"}) as daemon:
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o700)
            plain = socket.socket(socket.AF_UNIX)
            plain.connect(path)
            with Client(0, wrapped=plain) as client:
                self.assertIn(b"flags=U", client.ask("CLIENT", "INFO"))
            self.assertEqual(daemon.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_protected_mode_serves_this_machine_only(self):
        outside = own_address()
        if not outside:
            self.skipTest("this machine has no address but loopback")
        with Daemon(server={"bind": "*"}) as daemon:
            self.assertEqual(daemon.ask("PING"), b"PONG")
            with Client(0, wrapped=socket.create_connection((outside, daemon.port), 5)) as client:
                self.assertTrue(client.read().startswith("DENIED Redistill is running in protected mode"))
            self.assertEqual(daemon.info("stats")["rejected_connections_protected_mode"], "1")
            self.assertEqual(daemon.ask("CONFIG", "SET", "protected-mode", "no"), b"OK")
            with Client(0, wrapped=socket.create_connection((outside, daemon.port), 5)) as client:
                self.assertEqual(client.ask("PING"), b"PONG")

    def test_metrics_name_every_reason(self):
        with Daemon() as daemon:
            text = urllib.request.urlopen(f"http://127.0.0.1:{daemon.http}/metrics").read().decode()
            info = daemon.info("stats")
            prefix = "rejected_connections_"
            reasons = [name[len(prefix):] for name in info if name.startswith(prefix)]
            self.assertEqual(len(reasons), 12)
            for reason in reasons:
                self.assertIn(f'redistill_connections_rejected_total{{reason="{reason}"}} 0', text)


def own_address():
    """An address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") else address


if __name__ == "__main__":
    unittest.main()
