"""Cluster clients over three daemons with one map: coredis, valkey-glide and php-redis, while a node joins and one dies."""

import asyncio
import subprocess
import time
import unittest

import coredis
import coredis.exceptions
import glide
from coredis.retry import ExponentialBackoffRetryPolicy

from peer import HERE
from cluster_nodes import Nodes, key_of_each_range, names, slot_of
from harness.placement import Keys, cluster_map

KEYS = key_of_each_range()


class Load:
    """Tasks that get keys and set what is missing, and note what goes wrong."""

    def __init__(self, get, put):
        self.get, self.put = get, put
        self.missed, self.errors, self.rounds = set(), [], 0

    async def run(self):
        while True:
            for key in KEYS:
                try:
                    if await self.get(key) is None:
                        self.missed.add(key)
                        await self.put(key, key)
                except Exception as error:  # whatever the client lets through reaches the application
                    self.errors.append((key, repr(error)))
                    await asyncio.sleep(0.01)
            self.rounds += 1

    async def wait_for_rounds(self, count):
        end = time.monotonic() + 60
        while self.rounds < count and len(self.errors) < 100:
            if time.monotonic() > end:
                raise AssertionError("the load stands still")
            await asyncio.sleep(0.01)

    async def after(self, change):
        self.missed, self.errors = set(), []
        await asyncio.get_running_loop().run_in_executor(None, change)
        await self.wait_for_rounds(self.rounds + 2)
        return self.missed, self.errors


class Placement(unittest.TestCase):
    def test_the_simulation_deals_as_the_daemon_does(self):
        for count in (3, 7):
            with Nodes(count) as nodes:
                owners = nodes.owners(nodes.ports[0])
                keys = [b"key:%04d" % number for number in range(5000)]
                found = cluster_map(names(nodes.ports))(Keys(keys))
                self.assertEqual([nodes.ports[number] for number in found], [owners[slot_of(key.decode())] for key in keys])


class ClusterClients(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.nodes = Nodes(3)
        self.addCleanup(self.nodes.close)

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # half of the time

    async def join_and_die(self, get, put, lost=0):
        """`lost`: so many requests, under way when the node is killed, may fail."""
        load = Load(get, put)
        task = asyncio.create_task(load.run())
        try:
            await load.wait_for_rounds(1)
            missed, errors = await load.after(self.nodes.join)
            self.assertEqual(errors, [])
            self.assertTrue(0 < len(missed) <= 0.27 * len(KEYS), len(missed))
            missed, errors = await load.after(lambda: self.nodes.die(self.nodes.ports[0]))
            self.assertLessEqual(len(errors), lost, errors)
            self.assertTrue(0 < len(missed) <= 0.29 * len(KEYS), len(missed))
        finally:
            task.cancel()

    async def test_valkey_glide(self):
        client = await glide.GlideClusterClient.create(glide.GlideClusterClientConfiguration(
            [glide.NodeAddress("127.0.0.1", port) for port in self.nodes.ports], request_timeout=20_000))
        self.addAsyncCleanup(client.close)
        self.assertEqual(await client.mset(dict.fromkeys(KEYS[:100], "x")), "OK")
        self.assertEqual(await client.mget(KEYS[:100]), [b"x"] * 100)
        self.assertEqual(await client.dbsize(), 100)
        await self.join_and_die(client.get, client.set, lost=1)

    async def test_coredis(self):
        startup = [{"host": "127.0.0.1", "port": port} for port in self.nodes.ports]
        patience = ExponentialBackoffRetryPolicy((coredis.exceptions.ConnectionError, OSError), retries=8, base_delay=0.02, max_delay=1)
        async with coredis.RedisCluster(startup_nodes=startup, retry_policy=patience) as client:
            await self.join_and_die(client.get, client.set)
            self.assertEqual(len({key async for key in client.scan_iter()}), len(KEYS))

    async def test_php_redis(self):
        seeds = ",".join(f"127.0.0.1:{port}" for port in self.nodes.ports)
        run = subprocess.Popen(["php", str(HERE / "programs/php_redis_cluster.php"), seeds, *KEYS],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.kill)

        def next_line():
            line = run.stdout.readline().split()
            self.assertTrue(line and line[0] == "missed", line)
            return int(line[1]), " ".join(line[2:])

        def ask(change=lambda: None):
            change()
            run.stdin.write("again\n")
            run.stdin.flush()
            return next_line()

        self.assertEqual(next_line(), (len(KEYS), ""))
        self.assertEqual(ask(), (0, ""))
        missed, errors = ask(self.nodes.join)
        self.assertEqual(errors, "")
        self.assertTrue(0 < missed <= 0.27 * len(KEYS), missed)
        missed, errors = ask(lambda: self.nodes.die(self.nodes.ports[0]))
        self.assertEqual(errors, "")
        self.assertTrue(0 < missed <= 0.29 * len(KEYS), missed)
        run.stdin.close()
        self.assertEqual(run.wait(20), 0)
