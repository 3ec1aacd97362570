"""Debian's HAProxy before the daemon, with the configurations that docs/operations.md shows."""

import re
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest

from certificates import Authority
from configured import ROOT, Client, Daemon, free_port, until


def documented(number):
    """The backend of that number in the page."""
    text = (ROOT / "docs/operations.md").read_text()
    return re.findall(r"```haproxy\n(.*?)```", text, re.S)[number]


class HAProxy:
    """Listens on `port` of loopback, and hands each connection to a backend named `cache`."""

    def __init__(self, directory, backend):
        self.port = free_port()
        configuration = directory / "haproxy.cfg"
        configuration.write_text(
            "defaults\n    timeout connect 5s\n    timeout client 1m\n    timeout server 1m\n"
            f"frontend clients\n    mode tcp\n    bind 127.0.0.1:{self.port}\n    default_backend cache\n" + backend)
        self.process = subprocess.Popen(["haproxy", "-db", "-f", str(configuration)], stderr=subprocess.PIPE, text=True)

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def ask(self, *arguments):
        """None where nobody answers."""
        try:
            with Client(self.port) as client:
                return client.ask(*arguments)
        except (OSError, EOFError):
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


class Balanced(unittest.TestCase):
    def daemon(self, **sections):
        return self.enterContext(Daemon(**sections))

    def behind(self, daemon, backend):
        return self.enterContext(HAProxy(daemon.directory, backend.replace("inter 1s", "inter 50ms")))

    def test_who_leaves_is_asked_no_more_and_goes_on_with_whom_it_has(self):
        first, second = self.daemon(server={"shutdown_delay": "1h"}), self.daemon()
        backend = documented(0)
        for place, daemon in (("10.0.0.1", first), ("10.0.0.2", second)):
            backend = backend.replace(f"{place}:6379 check port 9091", f"127.0.0.1:{daemon.port} check port {daemon.http}")
        self.assertEqual(backend.count("127.0.0.1"), 2)
        first.ask("SET", "who", "first")
        second.ask("SET", "who", "second")
        proxy = self.behind(first, backend)
        until(lambda: proxy.ask("GET", "who") == b"first")
        with Client(proxy.port) as kept:
            self.assertEqual(kept.ask("PING"), b"PONG")
            first.process.send_signal(signal.SIGTERM)
            until(lambda: proxy.ask("GET", "who") == b"second")
            self.assertEqual(kept.ask("GET", "who"), b"first", "a connection that was there is served on")
        first.stop()
        self.assertEqual(proxy.ask("GET", "who"), b"second")

    def test_a_check_by_ping_finds_who_answers_and_leaves_nothing_in_the_log(self):
        daemon = self.daemon()
        backend = documented(1).replace("10.0.0.1:6379", f"127.0.0.1:{daemon.port}")
        proxy = self.behind(daemon, backend)
        until(lambda: proxy.ask("SET", "k", "v") == b"OK")
        with daemon.connect() as client:
            def checks():
                return int(re.search(rb"cmdstat_ping:calls=(\d+)", client.ask("INFO", "commandstats"))[1])

            before = checks()
            until(lambda: checks() > before + 3)
        self.assertEqual([line for line in daemon.lines() if "client" in line], [])
        daemon.stop()
        until(lambda: proxy.ask("PING") is None)

    def test_the_daemon_knows_the_client_and_not_the_proxy(self):
        daemon = self.daemon(server={"proxy_protocol": True})
        proxy = self.behind(daemon, f"backend cache\n    mode tcp\n    server first 127.0.0.1:{daemon.port} send-proxy-v2\n")
        until(lambda: proxy.ask("PING") == b"PONG")
        with Client(proxy.port) as client:
            address, port = client.socket.getsockname()
            self.assertIn(f"addr={address}:{port} ", client.ask("CLIENT", "INFO").decode())

    def test_checks_of_a_tls_port_by_tls_are_no_failed_handshakes(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        certificate, key = Authority(folder).issue("server")
        daemon = self.daemon(server={"port": 0}, security={
            "tls_port": free_port(), "tls_cert_path": str(certificate), "tls_key_path": str(key)})
        port = daemon.sections["security"]["tls_port"]
        proxy = self.behind(daemon, f"backend cache\n    mode tcp\n    server first 127.0.0.1:{port} check check-ssl verify none inter 1s\n")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

        until(proxy.listens)
        raw = socket.create_connection(("127.0.0.1", proxy.port), 10)
        with Client(0, wrapped=context.wrap_socket(raw)) as client:
            def figure(name):
                return int(re.search(rb"%s:(\d+)" % name, client.ask("INFO", "stats"))[1])

            began = figure(b"total_connections_received")
            until(lambda: figure(b"total_connections_received") > began + 4)
            self.assertEqual(figure(b"tls_handshakes_failed"), 0)
        self.assertEqual([line for line in daemon.lines() if "handshake" in line], [])


if __name__ == "__main__":
    unittest.main()
