"""Daemons with the map of a cluster: what each answers, what clients make of it, and what a change of the map does."""

import pathlib
import re
import socket
import subprocess
import tempfile
import time
import unittest

from redis.backoff import ExponentialBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import RedisClusterException
from redis.retry import Retry

from cluster_nodes import SLOTS, Daemon, ErrorReply, Load, Nodes, free_port, key_of_each_range, names, slot_of, until

KEYS = key_of_each_range()


def connects(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nodes = Nodes(3)
        cls.addClassCleanup(cls.nodes.close)
        cls.owners = cls.nodes.owners(cls.nodes.ports[0])

    def setUp(self):
        for port in self.nodes.ports:
            self.nodes.ask(port, "FLUSHALL")

    def key_of(self, port, other_than=None):
        """A key that is a node's, in another slot than another one."""
        return next(key for key in KEYS if self.owners[slot_of(key)] == port
                    and (other_than is None or slot_of(key) != slot_of(other_than)))

    def test_every_node_tells_the_same_even_map(self):
        for port in self.nodes.ports:
            self.assertEqual(self.nodes.owners(port), self.owners)
            self.assertLessEqual(self.owners.count(port), SLOTS / 3 * 1.06)
            info = self.nodes.daemons[port].info("cluster")
            self.assertEqual((info["cluster_enabled"], int(info["cluster_own_slots"])), ("1", self.owners.count(port)))
            self.assertEqual(self.nodes.daemons[port].info("server")["redis_mode"], "cluster")
        self.assertLess(len(self.nodes.ask(self.nodes.ports[0], "CLUSTER", "SLOTS")), 800)

    def test_slots_are_those_of_the_specification(self):
        for key in ("", "foo", "{user1000}.following", "foo{}{bar}", "foo{{bar}}zap", "123456789", *KEYS[:20]):
            tagged = re.search(r"{([^}]+)}", key)
            slot = slot_of(tagged[1] if tagged and key.find("{}") < 0 else key)
            self.assertEqual(self.nodes.ask(self.nodes.ports[0], "CLUSTER", "KEYSLOT", key), slot, key)

    def test_slots_shards_and_nodes_agree(self):
        port = self.nodes.ports[1]
        lines = [line.split() for line in self.nodes.ask(port, "CLUSTER", "NODES").decode().splitlines()]
        by_id = {line[0]: line for line in lines}
        shards = self.nodes.ask(port, "CLUSTER", "SHARDS")
        self.assertEqual(len(lines), 3)
        self.assertEqual(len(shards), 3)
        for _, slots, _, ((*node,),) in shards:
            node = dict(zip(node[::2], node[1::2]))
            line = by_id[node[b"id"].decode()]
            self.assertEqual(line[1], f"127.0.0.1:{node[b'port']}@0")
            self.assertEqual(line[2], "myself,master" if node[b"port"] == port else "master")
            ranges = [f"{first}-{last}" for first, last in zip(slots[::2], slots[1::2])]
            self.assertEqual(line[8:], ranges)
            self.assertEqual(sum(last - first + 1 for first, last in zip(slots[::2], slots[1::2])),
                             self.owners.count(node[b"port"]))
        myself = next(line for line in lines if "myself" in line[2])
        self.assertEqual(self.nodes.ask(port, "CLUSTER", "MYID").decode(), myself[0])

    def test_a_key_of_another_node_is_moved_and_mixed_ones_are_refused(self):
        here, there = self.nodes.ports[:2]
        own, foreign = self.key_of(here), self.key_of(there)
        with self.nodes.daemons[here].connect() as client:
            moved = f"MOVED {slot_of(foreign)} 127.0.0.1:{there}"
            self.assertEqual(client.ask("SET", own, "x"), b"OK")
            self.assertEqual(client.ask("GET", foreign), moved)
            self.assertEqual(client.ask("SET", foreign, "x" * 100_000), moved)
            self.assertEqual(client.ask("EVAL", "return 1", 1, foreign), moved)
            self.assertEqual(client.ask("OBJECT", "ENCODING", foreign), moved)
            self.assertEqual(client.ask("ZUNIONSTORE", own, 1, foreign)[:9], "CROSSSLOT")
            self.assertEqual(client.ask("RENAME", own, self.key_of(here, own))[:9], "CROSSSLOT")
            self.assertEqual(client.ask("MSET", f"{{{own}}}a", 1, f"{{{own}}}b", 2), b"OK")
            self.assertEqual(client.ask("DBSIZE"), 3)
            self.assertEqual(client.ask("CLUSTER", "COUNTKEYSINSLOT", slot_of(own)), 3)
            self.assertEqual(len(client.ask("CLUSTER", "GETKEYSINSLOT", slot_of(own), 2)), 2)

    def test_a_transaction_is_of_one_slot_that_is_here(self):
        here, there = self.nodes.ports[:2]
        own, foreign = self.key_of(here), self.key_of(there)
        with self.nodes.daemons[here].connect() as client:
            client.ask("MULTI")
            self.assertRegex(client.ask("SET", foreign, 1), "^MOVED")
            self.assertEqual(client.ask("SET", own, 1), b"QUEUED")
            self.assertRegex(client.ask("EXEC"), "^EXECABORT")
            client.ask("MULTI")
            client.ask("SET", own, 1)
            client.ask("SET", self.key_of(here, own), 1)
            self.assertRegex(client.ask("EXEC"), "^CROSSSLOT")
            self.assertEqual(client.ask("EXEC"), "ERR EXEC without MULTI")
            self.assertRegex(client.ask("WATCH", foreign), "^MOVED")
            client.ask("WATCH", own)
            client.ask("MULTI")
            client.ask("INCR", own)
            self.assertEqual(client.ask("EXEC"), [1])

    def test_a_script_touches_own_keys_alone(self):
        here, there = self.nodes.ports[:2]
        own, foreign = self.key_of(here), self.key_of(there)
        call = "return redis.call('SET', ARGV[1], 1)"
        with self.nodes.daemons[here].connect() as client:
            self.assertEqual(client.ask("EVAL", call, 1, own, own), b"OK")
            self.assertRegex(client.ask("EVAL", call, 1, own, foreign), "attempted to access a non local key in a cluster")
            other = self.key_of(here, own)
            self.assertEqual(client.ask("EVAL", call, 1, own, other), b"OK")  # as Redis without a shebang
            self.assertRegex(client.ask("EVAL", "#!lua\n" + call, 1, own, other), "keys that do not hash to the same slot")
            self.assertEqual(client.ask("EVAL", "#!lua flags=allow-cross-slot-keys\n" + call, 1, own, other), b"OK")
            self.assertRegex(client.ask("EVAL", "#!lua flags=no-cluster\nreturn 1", 0), "'no-cluster' flag is set")

    def test_there_is_one_database_and_nothing_changes_the_map(self):
        with self.nodes.daemons[self.nodes.ports[0]].connect() as client:
            self.assertEqual(client.ask("SELECT", 0), b"OK")
            self.assertEqual(client.ask("SELECT", 1), "ERR SELECT is not allowed in cluster mode")
            self.assertEqual(client.ask("SWAPDB", 0, 1), "ERR SWAPDB is not allowed in cluster mode")
            own = self.key_of(self.nodes.ports[0])
            self.assertEqual(client.ask("COPY", own, f"{{{own}}}", "DB", 1),
                             "ERR Copying to another database is not allowed in cluster mode")
            for words in (("MEET", "127.0.0.1", 1), ("ADDSLOTS", 1), ("FORGET", "x"), ("RESET",), ("FAILOVER",),
                          ("SETSLOT", 1, "STABLE"), ("REPLICATE", "x")):
                self.assertRegex(client.ask("CLUSTER", *words), "^ERR The map of this cluster is static")
            for word in ("READONLY", "READWRITE", "ASKING"):
                self.assertEqual(client.ask(word), b"OK")
            self.assertEqual(client.ask("HOTKEYS", "START", "METRICS", 1, "CPU", "SLOTS", 1, 5),
                             "ERR SLOTS parameter is not supported: keys of all slots are tracked")

    def test_redis_py_finds_every_key(self):
        client = RedisCluster(host="127.0.0.1", port=self.nodes.ports[0])
        self.addCleanup(client.close)
        for key in KEYS[:300]:
            client.set(key, key)
        self.assertEqual([client.get(key) for key in KEYS[:300]], [key.encode() for key in KEYS[:300]])
        self.assertEqual(client.dbsize(target_nodes="all"), 300)
        self.assertEqual(set(client.scan_iter()), {key.encode() for key in KEYS[:300]})
        with client.pipeline() as pipe:
            for key in KEYS[:100]:
                pipe.get(key)
            self.assertEqual(pipe.execute(), [key.encode() for key in KEYS[:100]])
        self.assertEqual(client.mget_nonatomic(KEYS[:10]), [key.encode() for key in KEYS[:10]])
        self.assertTrue(client.mset({"{t}a": 1, "{t}b": 2}))
        self.assertEqual(client.eval("return redis.call('GET', KEYS[1])", 1, "{t}a"), b"1")
        with self.assertRaises(RedisClusterException):
            client.mget("a", "b")

    def test_redis_cli_follows(self):
        port = self.nodes.ports[0]
        script = "".join(f"set {key} {key}\nget {key}\n" for key in KEYS[:50])
        run = subprocess.run(["redis-cli", "-c", "-p", str(port)], input=script, capture_output=True, text=True, timeout=20)
        lines = [line for line in run.stdout.splitlines() if not line.startswith("-> Redirected")]
        self.assertEqual(lines, [line for key in KEYS[:50] for line in ("OK", key)])
        check = subprocess.run(["redis-cli", "--cluster", "check", f"127.0.0.1:{port}"], capture_output=True, text=True, timeout=20)
        self.assertIn("[OK] All 16384 slots covered.", check.stdout)
        self.assertIn("[OK] All nodes agree about slots configuration.", check.stdout)
        self.assertEqual(check.returncode, 0)


class ChangesOfTheMap(unittest.TestCase):
    def client(self, nodes):
        retry = Retry(ExponentialBackoff(cap=0.2, base=0.01), 40)
        client = RedisCluster(startup_nodes=[ClusterNode("127.0.0.1", port) for port in nodes.ports], retry=retry,
                              socket_timeout=5)
        self.addCleanup(client.close)
        return client

    def set_map(self, nodes, port, ports):
        self.assertEqual(nodes.ask(port, "CONFIG", "SET", "cluster-nodes", " ".join(names(ports))), b"OK")

    def key_that_is(self, client, own):
        """One that this node serves, or one of another's."""
        return next(key for key in KEYS if isinstance(client.ask("GET", key), ErrorReply) != own)

    def test_a_node_joins_and_one_dies_under_load(self):
        with Nodes(3) as nodes, Load(self.client(nodes), KEYS) as load:
            joined = []
            missed, errors = load.after(lambda: joined.append(nodes.join(lambda: load.wait_for_rounds(load.rounds + 2))))
            self.assertEqual(errors, [])
            self.assertGreater(len(missed), 0)
            self.assertLessEqual(len(missed), 0.27 * len(KEYS))
            self.assertEqual(len({tuple(nodes.owners(port)) for port in nodes.ports}), 1)
            missed, errors = load.after(lambda: nodes.die(nodes.ports[0]))
            self.assertEqual(errors, [])
            self.assertGreater(len(missed), 0)
            self.assertLessEqual(len(missed), 0.29 * len(KEYS))  # a quarter of them was there, and up to 1.05 of that
            until(lambda: all(nodes.daemons[port].info("cluster")["cluster_stray_slots"] == "0" for port in nodes.ports))
            removed = [int(nodes.daemons[port].info("cluster")["cluster_strays_removed"]) for port in nodes.ports]
            self.assertGreater(sum(removed), 0)
            present = sum(nodes.ask(port, "DBSIZE") for port in nodes.ports)
            self.assertEqual(present, len(KEYS))  # and none of them twice

    def test_a_slot_that_goes_to_an_old_node_is_served_there_before_that_knows(self):
        with Nodes(2) as nodes:
            first, second = nodes.ports
            with nodes.daemons[first].connect() as old, nodes.daemons[second].connect() as new:
                keys = [key for key in KEYS if not isinstance(old.ask("GET", key), ErrorReply)]
                key, other = keys[:2]
                sent_on = f"{slot_of(key)} 127.0.0.1:{second}"
                self.set_map(nodes, first, [second])
                until(lambda: isinstance(nodes.ask(first, "GET", key), ErrorReply))
                self.assertEqual(old.ask("GET", key), f"ASK {sent_on}")
                foreign = next(key for key in KEYS if key not in keys)
                self.assertRegex(old.ask("GET", foreign), "^MOVED")  # it never was that one's

                back = f"MOVED {slot_of(key)} 127.0.0.1:{first}"
                self.assertEqual(new.ask("SET", key, "new"), back)
                self.assertEqual(new.ask("ASKING"), b"OK")
                self.assertEqual(new.ask("SET", key, "new"), b"OK")
                self.assertEqual(new.ask("GET", key), back)  # for one command
                new.ask("ASKING")
                self.assertEqual(new.ask("EVAL", "return redis.call('GET', KEYS[1])", 1, key), b"new")
                for word in ("ASKING", "MULTI"):
                    self.assertEqual(new.ask(word), b"OK")
                self.assertEqual([new.ask("GET", key), new.ask("INCR", "{%s}count" % key)], [b"QUEUED"] * 2)
                self.assertEqual(new.ask("EXEC"), [b"new", 1])
                self.assertEqual(new.ask("GET", key), back)
                new.ask("ASKING")
                self.assertEqual(new.ask("WATCH", key), b"OK")
                for word in ("ASKING", "MULTI"):
                    new.ask(word)
                new.ask("SET", key, "newer")
                self.assertEqual(new.ask("EXEC"), [b"OK"])
                new.ask("ASKING")
                self.assertEqual(new.ask("SET", other, "x" * 200_000), b"OK")  # too long to be read at once

                self.set_map(nodes, second, [second])
                until(lambda: nodes.ask(second, "GET", key) == b"newer")
                self.assertEqual(new.ask("STRLEN", other), 200_000)
                self.assertEqual(new.ask("GET", "{%s}count" % key), b"1")

    def test_what_was_served_to_who_asked_is_removed_when_its_slot_goes_elsewhere(self):
        with Nodes(2) as nodes:
            first, second = nodes.ports
            with nodes.daemons[second].connect() as client:
                key = self.key_that_is(client, own=False)
                client.ask("ASKING")
                client.ask("SET", key, "old")
                self.set_map(nodes, second, [first])
                until(lambda: nodes.daemons[second].info("cluster")["cluster_stray_slots"] == "0")
                self.assertEqual(nodes.ask(second, "DBSIZE"), 0)
                client.ask("ASKING")
                self.assertIsNone(client.ask("GET", key))
                self.set_map(nodes, second, [second])
                until(lambda: nodes.ask(second, "SET", key, "new") == b"OK")

    def test_what_a_node_has_given_up_it_serves_to_nobody(self):
        """A slot goes from the first node to the second and on to the third, and the first does not know the end of it yet."""
        with Nodes(3) as nodes:
            first, second, third = nodes.ports
            at_start = nodes.owners(first)
            self.set_map(nodes, first, [second, third])
            then = nodes.owners(first)
            key = next(key for key in KEYS if (at_start[slot_of(key)], then[slot_of(key)]) == (first, second))
            self.set_map(nodes, second, [second, third])
            for port in (second, third):
                self.set_map(nodes, port, [third])
            self.assertRegex(nodes.ask(first, "GET", key), f"^ASK \\d+ 127.0.0.1:{second}$")
            with nodes.daemons[second].connect() as client:
                client.ask("ASKING")
                self.assertRegex(client.ask("SET", key, "x"), f"^(MOVED|ASK) \\d+ 127.0.0.1:{third}$")
            self.assertEqual(nodes.ask(third, "SET", key, "x"), b"OK")

    def test_asking_holds_for_one_command_and_whatever_it_is(self):
        with Nodes(2) as nodes:
            first, second = nodes.ports
            with nodes.daemons[first].connect() as client:
                key = self.key_that_is(client, own=False)
                for between in (["nothing-like-it"], ["GET"], ["SUBSCRIBE", "x"], ["PING"], ["GET", key], ["MULTI"]):
                    client.ask("ASKING")
                    client.ask(*between)
                    if between == ["MULTI"]:
                        client.ask("DISCARD")
                    self.assertRegex(client.ask("GET", key), "^MOVED", between)
                for word in ("MULTI", "ASKING", "EXEC"):
                    client.ask(word)
                self.assertRegex(client.ask("GET", key), "^MOVED")
                client.ask("EVAL", "return redis.pcall('ASKING')", 0)
                self.assertRegex(client.ask("GET", key), "^MOVED")

    def test_a_large_value_that_comes_in_one_write_with_asking_is_taken(self):
        with Nodes(2) as nodes:
            first, second = nodes.ports
            with nodes.daemons[first].connect() as client:
                key = self.key_that_is(client, own=False)
                for length in (33_000, 66_000, 1_000_000):
                    client.socket.sendall(b"ASKING\r\n*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n"
                                          % (len(key), key.encode(), length, b"x" * length))
                    self.assertEqual([client.read(), client.read()], [b"OK", b"OK"])

    def test_who_has_watched_as_the_owner_is_not_deceived_by_asking(self):
        with Nodes(2) as nodes:
            first, second = nodes.ports
            with nodes.daemons[first].connect() as client:
                key = self.key_that_is(client, own=True)
                client.ask("WATCH", key)
                self.set_map(nodes, first, [second])
                until(lambda: isinstance(nodes.ask(first, "GET", key), ErrorReply))
                for word in ("ASKING", "MULTI"):
                    client.ask(word)
                client.ask("SET", key, "x")
                self.assertIsInstance(client.ask("EXEC"), ErrorReply)

    def test_a_slot_that_comes_back_brings_no_old_values(self):
        """The stale read: a node loses slots, another one writes their keys, and the first gets them back."""
        with Nodes(2) as nodes:
            first, second = nodes.ports
            own = [key for key in map(str, range(60_000))]
            with nodes.daemons[first].connect() as client:
                client.socket.sendall(b"".join(b"SET %s old\r\n" % key.encode() for key in own))
                moved = [isinstance(client.read(), ErrorReply) for _ in own]
                own = [key for key, is_moved in zip(own, moved) if not is_moved]
                self.set_map(nodes, first, [second])
                self.assertRegex(client.ask("GET", own[0]), "^ASK")
                self.set_map(nodes, first, nodes.ports)
                end, seen = time.monotonic() + 20, set()
                for key in own[:200]:
                    while isinstance(value := client.ask("GET", key), ErrorReply) and time.monotonic() < end:
                        seen.add(value.split()[0])
                    self.assertIsNone(value)
                self.assertLessEqual(seen, {"TRYAGAIN"})
                self.assertEqual(client.ask("SET", own[0], "new"), b"OK")
                until(lambda: nodes.daemons[first].info("cluster")["cluster_stray_slots"] == "0")
                self.assertEqual(client.ask("GET", own[0]), b"new")
                self.assertEqual(client.ask("DBSIZE"), 1)
                self.assertEqual(int(nodes.daemons[first].info("cluster")["cluster_strays_removed"]), len(own))

    def test_a_slot_that_comes_back_while_a_snapshot_is_loaded_brings_nothing(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        file, port = pathlib.Path(directory.name) / "dump.rdb", free_port()
        sets = (b"\x02\x06{x}%03d\x67\x10" % i + b"".join(b"\x05%05d" % j for j in range(10_000)) for i in range(40))
        keys = (b"\x00\x05%05d\x03old" % i for i in range(20_000))
        file.write_bytes(b"REDIS0009" + b"".join(sets) + b"".join(keys) + b"\xff" + bytes(8))
        with Daemon(wait=False, server={"port": port}, persistence={"enabled": True, "snapshot_path": file},
                    cluster={"nodes": names([port])}) as daemon:
            until(lambda: connects(port))
            with daemon.connect() as client:
                self.assertEqual(client.ask("CONFIG", "SET", "cluster-nodes", "192.0.2.1:6379"), b"OK")
                self.assertEqual(client.ask("CONFIG", "SET", "cluster-nodes", f"127.0.0.1:{port}"), b"OK")
                if not str(client.ask("GET", "00000")).startswith("LOADING"):
                    self.skipTest("this machine loads too fast")
            until(lambda: daemon.info("persistence")["loading"] == "0", 30)
            until(lambda: daemon.info("cluster")["cluster_stray_slots"] == "0")
            self.assertEqual(daemon.info("persistence")["rdb_last_load_keys_loaded"], "20040")
            self.assertEqual(daemon.ask("DBSIZE"), 0)

    def test_a_watched_key_whose_slot_goes_spoils_the_transaction(self):
        """Whether it was there or not: whoever changes it now does so at another node."""
        with Nodes(1, server={"workers": 1}) as nodes:
            port, = nodes.ports
            one, two = f"127.0.0.1:{port}", f"127.0.0.1:{port} 192.0.2.1:6379"
            nodes.ask(port, "CONFIG", "SET", "cluster-nodes", two)
            owners = nodes.owners(port)
            kept, lost = (next(key for key in KEYS if (owners[slot_of(key)] == port) == is_own) for is_own in (True, False))
            nodes.ask(port, "CONFIG", "SET", "cluster-nodes", one)
            with nodes.daemons[port].connect() as client:
                until(lambda: client.ask("GET", lost) is None)
                client.ask("WATCH", lost)
                client.ask("MULTI")
                client.ask("SET", kept, 1)
                nodes.ask(port, "CONFIG", "SET", "cluster-nodes", two)
                until(lambda: str(nodes.ask(port, "GET", lost)).startswith("MOVED"))
                self.assertIsNone(client.ask("EXEC"))
                self.assertIsNone(client.ask("GET", kept))

    def test_a_tracked_key_whose_slot_goes_is_told_of(self):
        with Nodes(2) as nodes:
            first, second = nodes.ports
            with nodes.daemons[first].connect() as client:
                key = next(key for key in KEYS if not isinstance(client.ask("SET", key, 1), ErrorReply))
                client.send("HELLO", 3)
                client.send("CLIENT", "TRACKING", "ON")
                while client.file.readline() != b"+OK\r\n":
                    pass
                client.ask("GET", key)
                self.set_map(nodes, first, [second])
                self.assertEqual(client.file.readline(), b">2\r\n")
                self.assertEqual(client.read(), b"invalidate")
                self.assertEqual(client.read(), [key.encode()])

    def test_a_node_that_the_map_does_not_name_serves_no_key(self):
        with Nodes(2) as nodes:
            first, second = nodes.ports
            nodes.reload(first, [second])
            with nodes.daemons[first].connect() as client:
                for key in KEYS[:50]:
                    self.assertRegex(client.ask("GET", key), f"^(MOVED|ASK) \\d+ 127.0.0.1:{second}$")
                self.assertIn(b"myself,master", client.ask("CLUSTER", "NODES"))
                self.assertEqual(client.ask("CONFIG", "SET", "cluster-nodes", "")[:24], "ERR CONFIG SET failed (p")
            nodes.daemons[first].sections["cluster"]["nodes"] = []
            nodes.daemons[first].write()
            nodes.daemons[first].reload()
            nodes.daemons[first].wait_for_line("cluster_nodes takes effect at the next start")


class Start(unittest.TestCase):
    def refusal(self, **cluster):
        daemon = Daemon(wait=False, cluster=cluster)
        self.addCleanup(daemon.__exit__)
        self.assertEqual(daemon.process.wait(20), 78)
        return daemon.process.stderr.read()

    def test_who_can_not_be_told_from_the_map_is_not_started(self):
        self.assertRegex(self.refusal(nodes=["192.0.2.1:6379"]), "cluster_self: no node of cluster_nodes has the port")
        self.assertRegex(self.refusal(nodes=["127.0.0.1:6379", "127.0.0.1:6379"]), "stands there twice")
        self.assertRegex(self.refusal(nodes=["127.0.0.1"]), "is no address with a port")

    def test_self_says_which_node_it_is(self):
        port = free_port()
        nodes = ["192.0.2.1:6379", "cache.example:7000", "[2001:db8::1]:6379"]
        with Daemon(server={"port": port}, cluster={"nodes": nodes, "self": "cache.example:7000"}) as daemon:
            lines = daemon.ask("CLUSTER", "NODES").decode()
            self.assertRegex(lines, " cache.example:7000@0,cache.example myself,master ")
            self.assertRegex(lines, " 2001:db8::1:6379@0 master ")
            replies = {re.sub(r"MOVED \d+ ", "", daemon.ask("GET", key)) for key in KEYS[:50] if daemon.ask("GET", key)}
            self.assertEqual(replies, {"192.0.2.1:6379", "2001:db8::1:6379"})

    def test_the_longest_names_stand_in_every_answer(self):
        name = ".".join(("n" * 62,) * 4)
        with Daemon(cluster={"nodes": [f"{name}:65535", "192.0.2.1:6379"], "self": f"{name}:65535"}) as daemon:
            lines = daemon.ask("CLUSTER", "NODES").decode().splitlines()
            ours = next(line.split() for line in lines if name in line)
            self.assertEqual(ours[1:8], [f"{name}:65535@0,{name}", "myself,master", "-", "0", "0", "2", "connected"])
            self.assertEqual(sum(int(last or first) - int(first) + 1 for line in lines
                                 for first, _, last in (slots.partition("-") for slots in line.split()[8:])), SLOTS)

    def test_more_nodes_than_there_may_be_are_refused_before_they_are_compared(self):
        nodes = " ".join(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}:1" for i in range(50_000))
        with Nodes(1) as nodes_of_one:
            port = nodes_of_one.ports[0]
            began = time.monotonic()
            self.assertRegex(nodes_of_one.ask(port, "CONFIG", "SET", "cluster-nodes", nodes), "there are at most 1024 nodes")
            self.assertLess(time.monotonic() - began, 3)

    def test_without_a_map_there_is_no_cluster(self):
        with Daemon() as daemon:
            disabled = "ERR This instance has cluster support disabled"
            for words in (("CLUSTER", "SLOTS"), ("CLUSTER", "KEYSLOT", "a"), ("CLUSTER", "HELP"), ("READONLY",), ("ASKING",)):
                self.assertEqual(daemon.ask(*words), disabled)
            self.assertEqual(daemon.info("cluster"), {"cluster_enabled": "0"})
            self.assertEqual(daemon.ask("CONFIG", "GET", "cluster-enabled"), [b"cluster-enabled", b"no"])
            self.assertRegex(daemon.ask("CONFIG", "SET", "cluster-nodes", f"127.0.0.1:{daemon.port}"), "begins and ends")


if __name__ == "__main__":
    unittest.main()
