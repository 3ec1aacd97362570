"""TLS with real peers: openssl s_client, redis-cli --tls, redis-py, Python's own."""

import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

from certificates import Authority
from configured import Client, Daemon, free_port, until
from test_lifecycle import Load


def s_client(port, *arguments, send=b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n"):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-ign_eof", *map(str, arguments)], input=send,
        capture_output=True, timeout=20)
    return (done.stdout + done.stderr).decode(errors="replace")


class TLS(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="redistill-tls-")
        cls.authority = Authority(cls.directory)
        cls.certificate, cls.key = cls.authority.issue("first")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory)

    def daemon(self, server=None, **security):
        keys = {"tls_port": free_port(), "tls_cert_path": str(self.certificate), "tls_key_path": str(self.key)}
        daemon = Daemon(server=server or {}, security={**keys, **security})
        daemon.tls_port = daemon.sections["security"]["tls_port"]
        return daemon

    def context(self, certificate=None):
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        if certificate:
            context.load_cert_chain(*map(str, certificate))
        return context

    def connect(self, daemon, context=None):
        raw = socket.create_connection(("127.0.0.1", daemon.tls_port), 10)
        wrapped = (context or self.context()).wrap_socket(raw, server_hostname="localhost")
        return Client(0, wrapped=wrapped)

    def test_a_certificates_name_is_its_user(self):
        user = {"name": "svc", "password_sha256": "0" * 64, "role": "read"}
        keys = {"tls_port": free_port(), "tls_cert_path": str(self.certificate), "tls_key_path": str(self.key),
                "tls_ca_cert_path": str(self.authority.certificate), "tls_auth_clients": "optional",
                "tls_auth_clients_user": "CN", "password": "boss"}
        with Daemon(security=keys, **{"[users]": user}) as daemon:
            daemon.tls_port = keys["tls_port"]
            with self.connect(daemon, self.context(self.authority.issue("svc"))) as client:
                self.assertEqual(client.ask("ACL", "WHOAMI"), b"svc")
                self.assertTrue(client.ask("SET", "k", "v").startswith("NOPERM User svc "))
                self.assertEqual(client.ask("RESET"), b"RESET")
                self.assertEqual(client.ask("GET", "k"), "NOAUTH Authentication required.")
                self.assertEqual(client.ask("AUTH", "boss"), b"OK")
                self.assertEqual(client.ask("ACL", "WHOAMI"), b"default")
            for context in (self.context(self.authority.issue("nobody")), self.context()):
                with self.connect(daemon, context) as client:
                    self.assertEqual(client.ask("GET", "k"), "NOAUTH Authentication required.")
            daemon.wait_for_line("a client's certificate names no user")
            with self.connect(daemon) as client:
                client.ask("AUTH", "boss")
                self.assertIn(b"acl_access_denied_tls_cert:1\r", client.ask("INFO", "stats"))

    def test_versions(self):
        with self.daemon() as daemon:
            self.assertIn("Protocol  : TLSv1.2", s_client(daemon.tls_port, "-tls1_2"))
            self.assertIn("TLSv1.3", s_client(daemon.tls_port, "-tls1_3"))
            self.assertIn("+PONG", s_client(daemon.tls_port, "-tls1_2"))
            self.assertNotIn("+PONG", s_client(daemon.tls_port, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"))
        with self.daemon(tls_min_version="1.3") as daemon:
            self.assertNotIn("+PONG", s_client(daemon.tls_port, "-tls1_2"))
            self.assertIn("+PONG", s_client(daemon.tls_port))
            self.assertGreater(int(daemon.info("stats")["tls_handshakes_failed"]), 0)

    def test_sessions_are_resumed(self):
        with self.daemon() as daemon:
            for version in ["-tls1_2", "-tls1_3"]:
                with self.subTest(version=version):
                    session = f"{self.directory}/session{version}"
                    self.assertIn("New, ", s_client(daemon.tls_port, version, "-sess_out", session))
                    self.assertIn("Reused, ", s_client(daemon.tls_port, version, "-sess_in", session))

    def test_who_keeps_no_tickets_leaves_nothing_behind(self):
        context = self.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_TICKET
        left = []
        with self.daemon() as daemon:
            for count in [1, 100]:
                for _ in range(count):
                    with self.connect(daemon, context) as client:
                        self.assertEqual(client.ask("PING"), b"PONG")
                until(lambda: int(daemon.info("clients")["connected_clients"]) == 1)
                left.append(int(daemon.info("memory")["mem_clients_tls"]))
        self.assertLess(left[1], left[0] + 20_000)

    def test_client_certificates(self):
        own = self.authority.issue("client")
        with self.daemon(tls_auth_clients="yes", tls_ca_cert_path=str(self.authority.certificate)) as daemon:
            with self.connect(daemon, self.context(own)) as client:
                self.assertEqual(client.ask("PING"), b"PONG")
            with self.assertRaises((ssl.SSLError, EOFError, ConnectionError)):
                self.connect(daemon).ask("PING")
            daemon.wait_for_line("a TLS handshake failed")
        with self.daemon(tls_auth_clients="optional", tls_ca_cert_path=str(self.authority.certificate)) as daemon:
            for context in [self.context(), self.context(own)]:
                with self.connect(daemon, context) as client:
                    self.assertEqual(client.ask("PING"), b"PONG")

    def test_redis_cli(self):
        with self.daemon(password="right") as daemon:
            done = subprocess.run(
                ["redis-cli", "-p", str(daemon.tls_port), "--tls", "--cacert", str(self.authority.certificate), "--user",
                 "default", "-a", "right", "--no-auth-warning", "SET", "k", "v"], capture_output=True, text=True,
                timeout=10)
            self.assertEqual(done.stdout, "OK\n", done.stderr)

    def test_redis_py(self):
        try:
            import redis
        except ImportError:
            self.skipTest("redis is not installed")
        with self.daemon(password="right") as daemon:
            for protocol in [2, 3]:
                client = redis.Redis(
                    port=daemon.tls_port, ssl=True, ssl_ca_certs=str(self.authority.certificate), password="right",
                    protocol=protocol)
                with client, client.pipeline(transaction=False) as pipe:
                    for i in range(100):
                        pipe.set(f"k{i}", "x" * 20000).get(f"k{i}")
                    replies = pipe.execute()
                self.assertEqual(replies[1::2], [b"x" * 20000] * 100)

    def test_plain_on_tls_port_is_told_counted_and_logged(self):
        with self.daemon() as daemon:
            for _ in range(3):
                with daemon.connect(daemon.tls_port) as client:
                    self.assertEqual(client.ask("PING"), "ERR This port speaks TLS")
            # They are told before they are counted.
            until(lambda: daemon.info("stats")["tls_handshakes_active"] == "0")
            self.assertEqual(daemon.info("stats")["rejected_connections_plain_on_tls_port"], "3")
            daemon.wait_for_line("did not speak TLS on a TLS port")

    def test_handshakes_under_way_are_limited_and_end(self):
        with self.daemon(tls_handshake_limit=2, tls_handshake_timeout="1s") as daemon:
            idle = [socket.create_connection(("127.0.0.1", daemon.tls_port)) for _ in range(2)]
            until(lambda: daemon.info("stats")["tls_handshakes_active"] == "2")
            with self.assertRaises((ssl.SSLError, OSError, EOFError)):
                self.connect(daemon).ask("PING")
            self.assertEqual(daemon.info("stats")["rejected_connections_tls_handshake_limit"], "1")
            until(lambda: daemon.info("stats")["tls_handshakes_active"] == "0")
            with self.connect(daemon) as client:
                self.assertEqual(client.ask("PING"), b"PONG")
                self.assertEqual(daemon.info("stats")["tls_handshakes_active"], "0")
            for one in idle:
                one.close()

    def test_load_runs_through_a_new_certificate(self):
        certificate, key = (f"{self.directory}/live.pem", f"{self.directory}/live.key")
        shutil.copy(self.certificate, certificate)
        shutil.copy(self.key, key)
        with self.daemon(tls_cert_path=certificate, tls_key_path=key) as daemon:
            loads = [Load(daemon, number, self.connect(daemon)) for number in range(3)]
            for load in loads:
                load.start()
            second = self.authority.issue("second")
            # One after the other, as a script would: until both fit the old pair stays.
            shutil.copy(second[0], certificate)
            daemon.reload()
            daemon.wait_for_line("the old settings stay")
            self.assertIn("CN = first", s_client(daemon.tls_port).replace("CN=", "CN = "))
            shutil.copy(second[1], key)
            daemon.reload()
            until(lambda: "CN = second" in s_client(daemon.tls_port).replace("CN=", "CN = "))
            # And by change of the files alone.
            third = self.authority.issue("third")
            shutil.copy(third[0], certificate)
            shutil.copy(third[1], key)
            until(lambda: "CN = third" in s_client(daemon.tls_port).replace("CN=", "CN = "), 15)
            self.assertTrue(all(load.is_alive() for load in loads))
            self.assertEqual(daemon.stop(), 0)
            for load in loads:
                load.join(10)
                self.assertIsNone(load.wrong)
                self.assertGreater(load.answered, 100)

    def test_days_left_are_told(self):
        certificate, key = self.authority.issue("short", days=5)
        with self.daemon(tls_cert_path=str(certificate), tls_key_path=str(key)) as daemon:
            self.assertIn(daemon.info("server")["tls_certificate_days_left"], ("4", "5"))
            daemon.wait_for_line("the TLS certificate ends soon")

    def test_port_itself_speaks_tls(self):
        with Daemon(security={"tls_enabled": True, "tls_cert_path": str(self.certificate),
                              "tls_key_path": str(self.key)}) as daemon:
            self.assertIn("+PONG", s_client(daemon.port))


if __name__ == "__main__":
    unittest.main()
