"""Envoy of PyPI with the files of packaging/envoy before three daemons: TLS and a password on both sides of it."""

import functools
import json
import os
import socket
import ssl
import sys
import time
import unittest
import urllib.request
from pathlib import Path

from shards import COUNT, ROOT, Authority, Client, Load, Shards, ShardTest, free_port, until

from harness.placement import MAGLEV_TABLE, envoy_maglev, envoy_ring

NAMES = ["cache-1", "cache-2", "cache-3"]
FILES = ROOT / "packaging/envoy"
# The script in bin/ of the environment would start Python once more.
ENVOY = Path(sys.prefix) / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/envoy/_bin/envoy"
# The same behaviour in a quarter of the time.
SECONDS = 0.25
CHECKED_OUT = 2 * SECONDS + 0.5  # two intervals and a timeout, as the file says


def replaced(text, changes):
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


class EnvoyTest(ShardTest):
    policy = "MAGLEV"

    @classmethod
    def setUpClass(cls):
        cls.files = cls.folder()
        authority = Authority(cls.files)
        certificate, key = authority.issue("server")
        (cls.files / "client-password").write_text("of the clients")
        (cls.files / "daemon-password").write_text("of the daemons")
        (cls.files / "daemons-ca.pem").write_bytes(authority.certificate.read_bytes())
        cls.shards = Shards(1, password="of the daemons", tls_cert_path=str(certificate), tls_key_path=str(key))
        cls.addClassCleanup(cls.shards.close)
        cls.context = ssl.create_default_context(cafile=authority.certificate)
        cls.plain, cls.port, cls.admin = free_port(), free_port(), free_port()
        cls.write_endpoints()
        (cls.files / "envoy.yaml").write_text(cls.envoy_text())
        envoy = cls.run_proxy(ENVOY, "-c", cls.files / "envoy.yaml", "--concurrency", 1, "--use-dynamic-base-id", "--log-level",
                      "warning", output=cls.files / "log")
        try:
            until(lambda: cls.healthy() == COUNT or envoy.poll() is not None, 60)
            assert envoy.poll() is None, f"Envoy ended with {envoy.returncode}"
        except AssertionError as error:
            said = [(cls.files / name).read_text() for name in ("log", "events") if (cls.files / name).exists()]
            raise AssertionError("\n".join(["Envoy does not find the daemons", *said])) from error

    @classmethod
    def envoy_text(cls):
        text = (FILES / "envoy.yaml").read_text()
        if cls.policy == "RING_HASH":
            lines = [line for line in text.splitlines(True) if "MAGLEV" not in line and "maglev" not in line]
            text = "".join(lines).replace("# lb_policy", "lb_policy").replace("# ring_hash_lb", "ring_hash_lb")
        return replaced(text, [
            ("port_value: 6379", f"port_value: {cls.plain}"), ("port_value: 9901", f"port_value: {cls.admin}"),
            ("address: 0.0.0.0, port_value: 6380", f"address: 127.0.0.1, port_value: {cls.port}"),
            ("/etc/envoy/", f"{cls.files}/"), ("/dev/stdout", f"{cls.files}/events"), ("cache.internal", "localhost"),
            ("interval: 1s", f"interval: {SECONDS}s")])

    @classmethod
    def write_endpoints(cls):
        """endpoints.yaml with the daemons of now, moved over the one that Envoy watches."""
        text = (FILES / "endpoints.yaml").read_text()
        before = text[:text.index("          - endpoint")]
        one = text[len(before):text.index("          - endpoint", len(before) + 1)]
        ones = [replaced(one, [("10.0.0.1", "127.0.0.1"), ("6379", str(tls)), ("cache-1", f"cache-{number}")])
                for number, (_, tls) in enumerate(cls.shards.ports, 1)]
        (cls.files / "endpoints.new").write_text(before + "".join(ones))
        os.replace(cls.files / "endpoints.new", cls.files / "endpoints.yaml")

    @classmethod
    def ask_admin(cls, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{cls.admin}{path}", timeout=5) as page:
            return page.read().decode()

    @classmethod
    def healthy(cls):
        """How many daemons are asked; none before Envoy is there."""
        try:
            clusters = json.loads(cls.ask_admin("/clusters?format=json")).get("cluster_statuses", [])
        except OSError:
            return 0
        states = [host["health_status"] for cluster in clusters for host in cluster.get("host_statuses", [])]
        return sum(set(state) == {"eds_health_status"} for state in states)

    @classmethod
    def connect(cls, password="of the clients"):
        raw = socket.create_connection(("127.0.0.1", cls.port), 10)
        client = Client(0, wrapped=cls.context.wrap_socket(raw, server_hostname="localhost"))
        if password:
            client.ask("AUTH", password)
        return client


class Envoy(EnvoyTest):
    def setUp(self):
        until(lambda: self.healthy() == COUNT, 10, "not all daemons are asked")
        self.shards.flush()

    def test_keys_spread_within_five_per_cent(self):
        self.check_spread(functools.partial(envoy_maglev, MAGLEV_TABLE), NAMES)

    def test_many_keys_of_several_daemons_are_one_command(self):
        keys = [f"key:{number}" for number in range(300)]
        with self.connect() as client:
            self.assertEqual(client.ask("MSET", *(part for key in keys for part in (key, key))), b"OK")
            self.assertTrue(all(size > 60 for size in self.shards.sizes()))
            self.assertEqual(client.ask("MGET", *keys, "none"), [key.encode() for key in keys] + [None])
            self.assertEqual(client.ask("EXISTS", *keys), 300)
            self.assertEqual(client.ask("DEL", *keys, "none"), 300)
        self.assertEqual(self.shards.sizes(), [0, 0, 0])

    def test_a_tag_keeps_keys_together(self):
        with self.connect() as client:
            self.fill(client, [f"{{user:1}}:{number}" for number in range(20)])
            self.assertEqual(sorted(self.shards.sizes()), [0, 0, 20])
            for words in (["MULTI"], ["SET", "{a}1", "x"], ["INCR", "{a}2"]):
                client.ask(*words)
            self.assertEqual(client.ask("EXEC"), [b"OK", 1])

    def test_clients_have_a_password_of_their_own(self):
        for password, answer in ((None, "NOAUTH"), ("of the daemons", "NOAUTH"), ("of the clients", None)):
            with self.connect(password) as client:
                reply = client.ask("GET", "key")
                self.assertTrue(reply is answer if answer is None else str(reply).startswith(answer), reply)

    def test_select_is_refused_where_daemons_have_one_database(self):
        """Else it would hold for all clients: they share the connections to the daemons."""
        with self.connect() as client, self.connect() as other:
            self.assertEqual(other.ask("SET", "key", "value"), b"OK")
            self.assertIn("DB index is out of range", client.ask("SELECT", "1"))
            self.assertEqual(other.ask("GET", "key"), b"value")

    def test_commands_are_counted(self):
        with self.connect() as client:
            client.ask("GET", "key")
        stats = self.ask_admin("/stats/prometheus?filter=upstream_commands")
        self.assertRegex(stats, r'upstream_commands_get_total\{envoy_cluster_name="redistill"\} [1-9]')

    def test_one_that_is_killed_costs_its_share_until_it_comes_back(self):
        keys = [f"key:{number}" for number in range(600)]
        with self.connect() as client:
            self.fill(client, keys)
        others = set(keys) - self.shards.holds(1, keys)
        moves = set(keys[: len(keys) // 50]) if self.policy == "MAGLEV" else set(keys)  # of those of the others
        with Load(self.connect, keys) as load:
            until(lambda: load.asked > len(keys), 10, "no load")
            self.assertEqual((load.errors, load.misses), ([], []))
            killed = time.monotonic()
            self.shards.kill(1)
            until(lambda: self.healthy() == COUNT - 1, 5, "the dead one is asked")
            load.rounds(2)
            failed, missed = load.taken()
            self.assertTrue(failed)
            self.assertLess(max(when for when, *_ in failed) - killed, CHECKED_OUT)
            self.assertFalse({key for _, key, _ in failed} & others)
            self.assertLessEqual(len({key for _, key in missed} & others), len(moves))
            self.shards.restart(1)
            until(lambda: self.healthy() == COUNT, 5, "the new one is not asked")
            load.rounds(2)
            failed, missed = load.taken()
            self.assertEqual(failed, [])
            self.assertLessEqual(len({key for _, key in missed} & others), len(moves))
            load.rounds(1)
            self.assertEqual(load.taken(), ([], []))
        self.assertGreater(len(self.shards.holds(1, keys)), 150)

    def test_one_that_hangs_is_left_out(self):
        keys = [f"key:{number}" for number in range(300)]
        with self.connect() as client:
            self.fill(client, keys)
        others = set(keys) - self.shards.holds(0, keys)
        with Load(self.connect, keys) as load, self.shards.stopped(0):
            hung = time.monotonic()
            until(lambda: self.healthy() == COUNT - 1, 5, "the hanging one is asked")
            load.rounds(2)
            failed, _ = load.taken()
            self.assertTrue(failed)
            self.assertLess(max(when for when, *_ in failed) - hung, CHECKED_OUT + 1)  # and op_timeout
            self.assertFalse({key for _, key, _ in failed} & others)

    def test_a_fourth_takes_its_share_and_nobody_notices(self):
        keys = [f"key:{number}" for number in range(2000)]
        with self.connect() as client:
            self.fill(client, keys)
        self.shards.add()
        self.addCleanup(self.write_endpoints)
        self.addCleanup(self.shards.remove)
        with Load(self.connect, keys) as load:
            until(lambda: load.asked > 100, 10, "no load")
            self.write_endpoints()
            until(lambda: self.healthy() == COUNT + 1, 5, "the fourth is not asked")
            load.rounds(2)
            failed, missed = load.taken()
            self.assertEqual(failed, [])
            self.assertLessEqual(len({key for _, key in missed}), 0.29 * len(keys))
            self.assertGreater(self.shards.ask(COUNT, "DBSIZE"), 0.2 * len(keys))


class EnvoyRing(EnvoyTest):
    """The other way of spreading, which the file has in its comments."""

    policy = "RING_HASH"

    def test_keys_spread_within_five_per_cent(self):
        self.check_spread(envoy_ring(60_000, {}), NAMES)


if __name__ == "__main__":
    unittest.main()
