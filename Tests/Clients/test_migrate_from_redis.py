"""`redistilld migrate`: a daemon is filled from a server in use, keeps up with it, and at the cut-over both have the same."""

import contextlib
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import redis

from daemon import DebianRedis, Redistill, executable

TOLERANCE_MS = 50


def client(server, database=0, **options):
    return redis.Redis(port=server.port, db=database, socket_timeout=60, **options)


def url(server, database=0):
    return f"redis://127.0.0.1:{server.port}/{database}"


def start(*words, environment=None):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("REDIS")}
    return subprocess.Popen(
        [executable(), "migrate", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/",
        env={**clean, **(environment or {})})


def migrate(*words, environment=None):
    """The exit code, what it printed, and what it complained of."""
    process = start(*words, environment=environment)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def wait_for(process, words):
    """Reads standard error up to a line with these words."""
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"it ended before it said {words!r}")


def value(server, key):
    kind = server.type(key)
    return kind, {
        b"string": lambda: server.get(key), b"hash": lambda: server.hgetall(key), b"set": lambda: server.smembers(key),
        b"list": lambda: server.lrange(key, 0, -1), b"zset": lambda: server.zrange(key, 0, -1, withscores=True),
    }.get(kind, lambda: None)()


class Writers:
    """Clients that write, delete, and let expire, all kinds of values."""

    def __init__(self, server, keys=500, clients=2):
        self.server, self.keys, self.stopping, self.steps = server, keys, threading.Event(), [0] * clients
        self.threads = [threading.Thread(target=self.write, args=(seed,)) for seed in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def write(self, seed):
        chance = random.Random(seed)
        with contextlib.closing(client(self.server)) as server:
            while not self.stopping.is_set():
                with server.pipeline(transaction=False) as pipe:
                    for _ in range(20):
                        self.step(pipe, chance)
                    pipe.execute(raise_on_error=False)
                self.steps[seed] += 20

    def step(self, pipe, chance):
        key, word = f"key:{chance.randrange(self.keys)}", chance.randbytes(chance.choice([1, 30, 3000]))
        match chance.randrange(10):
            case 0: pipe.delete(key)
            case 1: pipe.set(key, word, px=chance.choice([1, 300, 100_000]))
            case 2: pipe.pexpire(key, chance.choice([500, 200_000]))
            case 3: pipe.persist(key)
            case 4: pipe.hset(f"hash:{key}", str(chance.randrange(200)), word)
            case 5: pipe.rpush(f"list:{key}", word)
            case 6: pipe.sadd(f"set:{key}", word, chance.randrange(100))
            case 7: pipe.zadd(f"zset:{key}", {word: chance.random()})
            case 8: pipe.rename(key, f"key:{chance.randrange(self.keys)}")
            case _: pipe.set(key, word)

    def go_on(self, steps=1000):
        wanted = [done + steps for done in self.steps]
        while any(done < most for done, most in zip(self.steps, wanted)):
            time.sleep(0.001)


class Servers(unittest.TestCase):
    def setUp(self):
        self.ours = self.enterContext(Redistill("--workers", "2"))
        self.here = self.enterContext(contextlib.closing(client(self.ours)))

    def assert_equal(self, there):
        keys = set(there.keys())
        self.assertEqual(keys, set(self.here.keys()))
        for key in keys:
            self.assertEqual(value(there, key), value(self.here, key), key)
            theirs, ours = there.pttl(key), self.here.pttl(key)
            self.assertEqual(theirs < 0, ours < 0, key)
            self.assertLess(abs(theirs - ours), TOLERANCE_MS, key)


@unittest.skipUnless(DebianRedis.version(), "needs Debian's redis-server")
class FromRedis(Servers):
    def setUp(self):
        super().setUp()
        self.theirs = self.enterContext(DebianRedis())
        self.there = self.enterContext(contextlib.closing(client(self.theirs)))

    def test_all_is_equal_at_the_cut_over_though_clients_write(self):
        with Writers(self.theirs) as writers:
            writers.go_on()
            process = start(url(self.theirs), "--to", url(self.ours))
            wait_for(process, "up to date")
            writers.go_on()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, output + errors)
        self.assertIn("all are equal", output)
        self.assert_equal(self.there)

    def test_what_was_flushed_at_the_source_goes(self):
        self.there.mset({f"key:{i}": i for i in range(2000)})
        process = start(url(self.theirs), "--to", url(self.ours))
        wait_for(process, "up to date")
        self.there.flushall()
        self.there.set("new", "1")
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, output + errors)
        self.assert_equal(self.there)

    def test_a_pause_keeps_writers_from_the_source_after_the_cut_over(self):
        process = start(url(self.theirs), "--to", url(self.ours), "--pause", "60")
        wait_for(process, "up to date")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 0)
        with contextlib.closing(client(self.theirs)) as writer:
            writer.connection_pool.connection_kwargs["socket_timeout"] = 0.2
            with self.assertRaises(redis.TimeoutError):
                writer.execute_command("SET", "late", "1")
        process.communicate()

    def test_kinds_that_are_not_here_are_told_and_the_rest_is_copied(self):
        self.there.xadd("events", {"a": "b"})
        self.there.set("k", "v")
        self.here.set("events", "of before")
        code, output, errors = migrate(url(self.theirs), "--to", url(self.ours), "--once", "--replace")
        self.assertEqual(code, 2, output + errors)
        self.assertIn('left out: 1 of type stream, such as "events"', output)
        self.assertEqual(self.here.keys(), [b"k"])

    def test_keys_of_a_pattern_alone(self):
        self.there.mset({"user:1": "a", "user:2": "b", "visit:1": "c"})
        code, output, _ = migrate(url(self.theirs), "--to", url(self.ours), "--once", "--pattern", "user:*")
        self.assertEqual((code, sorted(self.here.keys())), (0, [b"user:1", b"user:2"]), output)

    def test_a_database_goes_to_that_of_the_same_number(self):
        with contextlib.closing(client(self.theirs, 3)) as there, contextlib.closing(client(self.ours, 3)) as here:
            there.set("k", "v")
            configuration = Path(self.ours.directory, "mine.toml")
            configuration.write_text(f"[server]\nport = {self.ours.port}\nbind = [\"127.0.0.1\"]\n")
            code, output, errors = migrate(url(self.theirs, 3), "--config", str(configuration), "--once")
            self.assertEqual((code, here.get("k")), (0, b"v"), output + errors)
            self.assertEqual(self.here.dbsize(), 0)

    def test_a_rate_is_kept(self):
        self.there.mset({f"key:{i}": i for i in range(1000)})
        began = time.monotonic()
        code, output, _ = migrate(url(self.theirs), "--to", url(self.ours), "--once", "--no-compare", "--rate", "1000")
        self.assertEqual((code, self.here.dbsize()), (0, 1000), output)
        self.assertGreater(time.monotonic() - began, 0.6)

    def test_keys_that_are_there_already_are_not_touched_unless_that_is_said(self):
        self.there.set("k", "new")
        self.here.set("k", "old")
        code, output, errors = migrate(url(self.theirs), "--to", url(self.ours), "--once")
        self.assertEqual((code, output, self.here.get("k")), (1, "", b"old"))
        self.assertIn("give --replace", errors)
        self.assertEqual(migrate(url(self.theirs), "--to", url(self.ours), "--once", "--replace")[0], 0)
        self.assertEqual(self.here.get("k"), b"new")

    def test_who_was_killed_is_begun_again(self):
        self.there.mset({f"key:{i}": i for i in range(2000)})
        process = start(url(self.theirs), "--to", url(self.ours), "--rate", "2000")
        while self.here.dbsize() == 0:
            time.sleep(0.001)
        process.kill()
        process.communicate()
        self.assertLess(self.here.dbsize(), 2000)
        self.there.delete("key:0")
        self.here.set("key:0", "of before")
        code, output, errors = migrate(url(self.theirs), "--to", url(self.ours), "--once", "--replace")
        self.assertEqual(code, 0, output + errors)
        self.here.delete("key:0")
        self.assert_equal(self.there)

    def test_a_source_that_goes_away_is_told(self):
        self.there.mset({f"key:{i}": i for i in range(20_000)})
        process = start(url(self.theirs), "--to", url(self.ours), "--rate", "20000")
        while self.here.dbsize() == 0:
            time.sleep(0.001)
        self.theirs.process.kill()
        output, errors = process.communicate(timeout=60)
        self.assertEqual((process.returncode, output), (1, ""))
        self.assertRegex(errors, "closed the connection|reset by peer")

    def test_a_full_target_is_told(self):
        self.here.config_set("maxmemory-policy", "noeviction")
        self.here.config_set("maxmemory", "20mb")
        self.there.mset({f"key:{i}": "x" * 100_000 for i in range(300)})
        code, output, errors = migrate(url(self.theirs), "--to", url(self.ours), "--once")
        self.assertEqual((code, output), (1, ""))
        self.assertIn("no more memory may be used", errors)


class FromRedistill(Servers):
    def test_a_daemon_is_a_source_too_and_passwords_come_from_the_environment(self):
        with Redistill(environment={"REDIS_PASSWORD": "theirs"}) as source:
            with contextlib.closing(client(source, password="theirs")) as there:
                there.hset("hash", mapping={str(i): i for i in range(1000)})
                there.set("k", "v", ex=100)
                process = start(url(source), "--to", url(self.ours), environment={"REDISCLI_AUTH": "theirs"})
                wait_for(process, "up to date")
                there.set("later", "1")
                process.send_signal(signal.SIGINT)
                output, errors = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 0, output + errors)
                self.assert_equal(there)

    def test_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = folder + "/certificate.pem", folder + "/key.pem"
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                 "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                check=True, capture_output=True)
            tls = ["--tls-enabled", "true", "--tls-cert-path", certificate, "--tls-key-path", key]
            with Redistill(*tls) as source:
                place = f"rediss://127.0.0.1:{source.port}"
                with contextlib.closing(client(source, ssl=True, ssl_cert_reqs="none")) as there:
                    there.set("k", "v")
                words = ["--to", url(self.ours), "--once"]
                code, output, errors = migrate(place, *words)
                self.assertEqual((code, output), (1, ""))
                self.assertIn("give its authority's certificate with --cacert FILE", errors)
                code, output, errors = migrate(place, *words, "--cacert", certificate)
                self.assertEqual((code, self.here.get("k")), (0, b"v"), output + errors)

    def test_mistakes_are_told(self):
        for words, code, complaint in [
            ([url(self.ours), "--to", url(self.ours)], 64, "the same server"),
            (["127.0.0.1:6379"], 64, "give redis://HOST:PORT"),
            (["redis://127.0.0.1:port"], 64, "its port is no number"),
            (["redis://:%zz@127.0.0.1"], 64, "two hexadecimal digits"),
            (["redis://127.0.0.1:1", "--to", url(self.ours)], 1, "127.0.0.1:1: Connection refused"),
            ([url(self.ours), "--rate", "-1"], 64, "--rate"),
            ([url(self.ours), "--port", "1"], 64, "--port is the daemon's"),
        ]:
            with self.subTest(words=words):
                ended, output, errors = migrate(*words)
                self.assertEqual((ended, output), (code, ""), errors)
                self.assertIn(complaint, errors)
