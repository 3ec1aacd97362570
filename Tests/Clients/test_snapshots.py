"""Snapshots: what is written loads in Redis and here with every value, and nothing that goes wrong costs more than a log line."""

import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import redis

from daemon import DebianRedis, Redistill

DATABASES = (0, 3, 15)


def client(server, database=0, **options):
    return redis.Redis(port=server.port, db=database, socket_timeout=60, **options)


def items(count):
    """Integers, short texts and long ones."""
    return [str(i) if i % 3 else "m" * (i % 90) + str(i) for i in range(count)]


def fill(server):
    """Every type, packed and large, with and without a time to live, in several databases."""
    pipe = client(server).pipeline(transaction=False)
    draw = random.Random(7)
    for i in range(600):
        pipe.set(f"string:{i}", "v" * draw.randrange(200) + str(i), px=10_000_000 + i if i % 5 == 0 else None)
        pipe.set(f"number:{i % 200}", draw.randrange(-2**40, 2**40))
    pipe.set("large", draw.randbytes(1_000_000))
    pipe.set("", "of the empty key")
    pipe.set("k" * 5000, "of a long key")
    for name, count in (("small", 5), ("large", 1500)):
        parts = items(count)
        pipe.rpush(f"list:{name}", *parts)
        pipe.sadd(f"set:{name}", *parts)
        pipe.sadd(f"integers:{name}", *range(-count, count))
        pipe.hset(f"hash:{name}", mapping={part: f"v{part}" for part in parts})
        pipe.zadd(f"zset:{name}", {part: i * 7919 % 1000 / 8 for i, part in enumerate(parts)})
    pipe.rpush("list:long", "a" * 70_000, "b", "c" * 9000)
    pipe.zadd("zset:ends", {"a": float("inf"), "b": float("-inf"), "c": 0.1})
    pipe.expire("hash:large", 10_000)
    pipe.execute()
    for database in DATABASES[1:]:
        client(server, database).set("key", f"of {database}", ex=5000)


def value(connection, key):
    kind = connection.type(key)
    if kind == b"string":
        return connection.get(key)
    if kind == b"list":
        return connection.lrange(key, 0, -1)
    if kind == b"set":
        return connection.smembers(key)
    if kind == b"hash":
        return connection.hgetall(key)
    return connection.zrange(key, 0, -1, withscores=True)


def everything(server):
    return {(database, key): (value(connection, key), connection.pexpiretime(key))
            for database in DATABASES for connection in [client(server, database)] for key in connection.keys()}


class Files(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="redistill-snapshots-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.path = Path(self.directory) / "dump.rdb"

    def daemon(self, *flags):
        return Redistill("--persistence-enabled", "--snapshot-path", str(self.path), *flags)

    def info(self, server):
        return client(server).info("persistence")

    def wait(self, server, holds):
        end = time.monotonic() + 30
        while not holds(self.info(server)):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def beside(self):
        return sorted(path.name for path in Path(self.directory).iterdir())


class Snapshots(Files):
    def test_all_that_was_there_is_there_after_a_stop(self):
        with self.daemon("--workers", "2") as first:
            fill(first)
            before = everything(first)
            self.assertEqual(first.stop(), 0)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        with self.daemon("--workers", "1") as second:
            self.assertEqual(everything(second), before)
            self.assertEqual(self.info(second)["rdb_last_load_keys_loaded"], len(before))
            self.assertIn("the snapshot was loaded", second.log())

    def test_times_of_fields_are_kept_and_make_the_file_newer(self):
        with self.daemon() as first:
            client(first).hset("hash", mapping={"a": 1, "b": 2})
            client(first).execute_command("HPEXPIREAT", "hash", 4_000_000_000_000, "FIELDS", 1, "a")
            client(first).save()
            self.assertEqual(self.path.read_bytes()[:9], b"REDIS0012")
            self.assertIn("from 7.4 on", first.log())
        with self.daemon() as second:
            times = client(second).execute_command("HPEXPIRETIME", "hash", "FIELDS", 2, "a", "b")
            self.assertEqual(times, [4_000_000_000_000, -1])

    def test_shutdown_says_whether_one_is_written(self):
        for word, is_written, flags in (("NOSAVE", False, ()), ("SAVE", True, ("--save-on-shutdown", "false"))):
            with self.daemon(*flags) as server:
                client(server).set("key", word)
                try:
                    client(server).execute_command("SHUTDOWN", word)
                except redis.ConnectionError:
                    pass
                self.assertEqual(server.process.wait(timeout=30), 0)
            self.assertEqual(self.path.exists(), is_written)

    def test_the_clock_begins_snapshots(self):
        with self.daemon("--snapshot-interval", "100ms") as server:
            self.wait(server, lambda info: info["rdb_saves"] >= 2)

    def test_off_there_is_nothing_to_save(self):
        with Redistill() as server:
            for command in ("SAVE", "BGSAVE"):
                with self.assertRaisesRegex(redis.ResponseError, "keeps nothing on disk"):
                    client(server).execute_command(command)

    def test_who_saves_is_answered_when_it_is_there_and_in_order(self):
        with self.daemon() as server, client(server).pipeline(transaction=False) as pipe:
            pipe.set("key", 1)
            pipe.save()
            pipe.get("key")
            self.assertEqual(pipe.execute(), [True, True, b"1"])
            self.assertTrue(self.path.exists())

    def test_a_file_that_cannot_be_written_costs_a_log_line(self):
        with self.daemon("--save-on-shutdown", "false") as server:
            client(server).set("old", 1)
            client(server).save()
            old = self.path.read_bytes()
            fill(server)
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
            with self.assertRaises(redis.ResponseError):
                client(server).save()
            self.assertEqual(self.info(server)["rdb_last_bgsave_status"], "err")
            self.assertEqual((self.path.read_bytes(), self.beside()), (old, ["dump.rdb"]))
            self.assertIn("a snapshot failed", server.log())
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            client(server).save()
            self.assertEqual(self.info(server)["rdb_last_bgsave_status"], "ok")

    @unittest.skipIf(os.geteuid() != 0, "needs root, to mount a small file system")
    def test_a_full_disk_leaves_the_old_file(self):
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", self.directory], capture_output=True).returncode:
            self.skipTest("this machine mounts nothing")
        try:
            with self.daemon() as server:
                client(server).set("old", 1)
                client(server).save()
                old = self.path.read_bytes()
                client(server).set("large", random.randbytes(1_000_000))
                with self.assertRaises(redis.ResponseError):
                    client(server).save()
                self.assertEqual((self.path.read_bytes(), self.beside()), (old, ["dump.rdb"]))
                self.assertIn("No space left on device", server.log())
        finally:
            subprocess.run(["umount", self.directory], check=True)

    def test_killed_in_the_middle_the_old_file_is_whole(self):
        with self.daemon() as server:
            client(server).set("old", 1)
            client(server).save()
            old = self.path.read_bytes()
            value = random.randbytes(10_000_000)
            for i in range(10):
                client(server).set(f"large:{i}", value)
            client(server).bgsave()
            while len(self.beside()) < 2:
                pass
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
        self.assertEqual(self.path.read_bytes(), old)
        self.assertEqual(len(self.beside()), 2)
        with self.daemon() as server:
            self.assertEqual(client(server).keys(), [b"old"])
            self.assertEqual(self.beside(), ["dump.rdb"])

    def test_a_torn_file_is_kept_aside_and_the_start_is_cold(self):
        with self.daemon() as server:
            fill(server)
            server.stop()
        whole = self.path.read_bytes()
        lengths = [0, 300, len(whole) // 2, len(whole) - 1]
        changed = whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]
        for damaged in [whole[:length] for length in lengths] + [changed]:
            self.path.write_bytes(damaged)
            with self.daemon("--save-on-shutdown", "false") as server:
                self.assertEqual(client(server).dbsize(), 0)
                self.assertIn("can't be loaded", server.log())
                self.assertEqual((Path(self.directory) / "dump.rdb.damaged").read_bytes(), damaged)

    def test_what_stays_is_there_once_whatever_comes_and_goes(self):
        with self.daemon("--workers", "2") as server:
            pipe = client(server).pipeline(transaction=False)
            for i in range(20_000):
                pipe.set(f"stays:{i}", i)
            pipe.execute()
            ends = threading.Event()

            def come_and_go():
                connection, number = client(server), 0
                while not ends.is_set():
                    pipe = connection.pipeline(transaction=False)
                    for i in range(2000):
                        pipe.set(f"goes:{number}:{i}", "x" * 300)
                    pipe.delete(*(f"goes:{number - 5}:{i}" for i in range(2000)))
                    pipe.execute()
                    number += 1

            thread = threading.Thread(target=come_and_go)
            thread.start()
            try:
                for _ in range(3):
                    client(server).save()
                    checked = subprocess.run(["redis-check-rdb", str(self.path)], capture_output=True, text=True) \
                        if shutil.which("redis-check-rdb") else None
                    self.assertTrue(checked is None or checked.returncode == 0, checked)
            finally:
                ends.set()
                thread.join()
            server.process.kill()
        with self.daemon() as server:
            self.assertEqual(client(server).mget(f"stays:{i}" for i in range(20_000)), [b"%d" % i for i in range(20_000)])
            # A key that stands twice would have been loaded twice.
            self.assertEqual(self.info(server)["rdb_last_load_keys_loaded"], client(server).dbsize())


@unittest.skipUnless(DebianRedis.version(), "needs Debian's redis-server")
class BesideRedis(Files):
    def test_redis_loads_what_is_written(self):
        with self.daemon() as server:
            fill(server)
            client(server).save()
            before = everything(server)
        self.assertEqual(self.path.read_bytes()[:9], b"REDIS0010")
        subprocess.run(["redis-check-rdb", str(self.path)], check=True, capture_output=True)
        with DebianRedis(self.path) as other:
            self.assertEqual(everything(other), before)

    def test_what_redis_writes_is_loaded_but_for_what_is_not_here(self):
        with DebianRedis() as other:
            fill(other)
            before = everything(other)
            connection = client(other)
            connection.config_set("maxmemory-policy", "allkeys-lfu")
            connection.xadd("stream", {"a": "b"})
            connection.xgroup_create("stream", "group", "0")
            connection.xreadgroup("group", "consumer", {"stream": ">"})
            connection.function_load("#!lua name=l\nredis.register_function('f', function() return 1 end)")
            connection.save()
            shutil.copy(Path(other.directory) / "dump.rdb", self.path)
        with self.daemon("--databases", "10") as server:
            kept = {place: value for place, value in before.items() if place[0] < 10}
            loaded = {(database, key): (value(connection, key), connection.pexpiretime(key))
                      for database in (0, 3) for connection in [client(server, database)] for key in connection.keys()}
            self.assertEqual(loaded, kept)
            for line in ("1 keys that are streams", "1 libraries of functions", "keys of databases that are not here"):
                self.assertIn(line, server.log())

if __name__ == "__main__":
    unittest.main()
