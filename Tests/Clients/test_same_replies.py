"""Requests whose replies clients parse, against Debian's redis-server: errors, limits and null replies, byte for byte.

What came after 7.0, or differs on purpose (docs/compatibility.md), is not among them.
"""

import io
import socket
import unittest

from daemon import DebianRedis, Redistill
from resp import Connection, request

# Each on a connection of its own. A tuple has words that a string of words cannot have.
CASES = {
    "arity and names": [
        "get", "get a b", "client", "client kill", "client nope", "FOO a b c", "foo", "config nope", "object nope",
        "client|list", "CLIENT NOPE x y", "memory nope x", "debug nope", "slowlog nope", "latency nope", "config get",
        "config set a", "config set a b c", "hello 4", "hello x", "hello 3 foo", "hello 3 setname", "hello 3 auth x", "auth x", "auth a b",
        "auth default x", "select 1x", "select 16", "select -1", "echo", "ping a b", "lolwut version x",
        ("FOO", *["x" * 100] * 5), ("F" * 200, "a"), ("client", "x" * 200)],
    "SET and its like": [
        "set a b ex 0", "set a b ex -1", "set a b px 0", "set a b exat 0", "set a b ex 9223372036854775807",
        "set a b ex 92233720368547758", "set a b keepttl ex 5", "set a b nx xx", "set a b nx get", "get a", "set a c nx get",
        "set a d xx get", "set a e ex", "set a e px x", "setex a 0 b", "setex a -1 b", "psetex a 0 b", "setex a x b",
        "getex a ex 0", "getex a persist ex 5", "getex a exat 99999999999", "expire a 9223372036854775807", "expire a x",
        "pexpire a 9223372036854775807", "expireat a 9223372036854775807", "expire a 10 nx xx", "expire a 10 gt lt",
        "expire a 10 nx gt", "expire a 10 foo"],
    "numbers": [
        "set a 10", "incrby a 9223372036854775807", "incrby a x", "incrbyfloat a x", "incrbyfloat a nan",
        "incrbyfloat a inf", "decrby a -9223372036854775808", "set a -9223372036854775808", "decr a", "set f abc", "incr f",
        "incrbyfloat f 1", "set g 3.0e3", "incrbyfloat g 200", "incrbyfloat g 0.1", "incrbyfloat g 1e-10"],
    "strings": [
        "set a hello", "getrange a 0 -1", "getrange a -3 -1", "getrange a 5 2", "getrange a -100 100", "setrange a -1 x",
        "setrange a 536870912 x", "setrange a 6 world", "get a", "append a !", "substr a 0 2", "strlen a", "lcs a a len",
        "lcs a a idx", "lcs a a idx len", "lcs a a idx minmatchlen x", "lcs a a idx withmatchlen", "lcs a a foo",
        ("setrange", "n", "0", ""), "exists n", ("set", "", ""), ("get", ""), ("exists", "", "", "a"), ("touch", "", ""),
        ("del", "", "")],
    "numbers at their ends": [
        "set a 1", "expire a -9223372036854775808", "exists a", "set a 1", "expire a 9223372036854775", "ttl nokey",
        "pexpire a 9223372036854775806", "expireat a -9223372036854775808", "exists a", "set a 1",
        "pexpireat a 9223372036854775807", "pexpiretime a", "expiretime a", "persist a", "pexpireat a -9223372036854775808",
        "exists a", "set a 1 pxat 9223372036854775807", "pexpiretime a", "set a 1 exat 9223372036854775", "expiretime a",
        "set a 1 exat 9223372036854776", "set a 1 px -9223372036854775808", "getex a px 9223372036854775807",
        "setex a 9223372036854775 b", "psetex a 9223372036854775807 b", "set a hello",
        "getrange a -9223372036854775808 9223372036854775807", "getrange a 9223372036854775807 -9223372036854775808",
        "setrange a 9223372036854775807 x", "setrange a -9223372036854775808 x", "bitcount a -9223372036854775808 -1",
        "bitcount a 0 9223372036854775807 bit", "bitcount a 9223372036854775807 9223372036854775807 bit",
        "bitpos a 1 9223372036854775807", "bitpos a 0 -9223372036854775808 9223372036854775807 bit",
        "bitpos a 1 -1 -9223372036854775808", "bitfield a get i64 #9223372036854775807", "bitfield a get u8 4294967295",
        "bitfield a set i64 0 9223372036854775807 incrby i64 0 1", "bitfield a set i64 0 -9223372036854775808 incrby i64 0 -1",
        "bitfield a overflow sat set i64 0 9223372036854775807 incrby i64 0 9223372036854775807",
        "bitfield a overflow fail set i1 0 -1 incrby i1 0 -1", "bitfield a set u63 1 -1", "bitfield a set u1 0 -9223372036854775808",
        "setbit a 9223372036854775807 1", "set n 9223372036854775807", "incr n", "decrby n -1", "set n -9223372036854775808",
        "decrby n 1", "incrby n -9223372036854775808", "decrby n -9223372036854775807", "scan 18446744073709551616",
        "scan 0 count 9223372036854775807 match zz*", "slowlog get 9223372036854775807 x", "slowlog get -9223372036854775808",
        "lcs a n minmatchlen -9223372036854775808 len", "lcs nokey n idx minmatchlen 9223372036854775807",
        "client pause 9223372036854775807 foo", "client list id 9223372036854775807", "client kill id 9223372036854775807",
        "wait 9223372036854775807 1", "memory usage nokey samples 9223372036854775807", "memory usage nokey samples -1",
        ("restore", "r", "-1", "x"), ("restore", "r", "0", "x", "freq", "256"), ("restore", "r", "0", "x", "idletime", "-1")],
    "scripts": [
        ("eval", "return 1"), ("eval", "return 1", "x"), ("eval", "return 1", "-1"), ("eval", "return 1", "2", "a"),
        ("eval", "return {KEYS[1], KEYS[2], ARGV[1], ARGV[2], #KEYS, #ARGV}", "2", "a", "b", "c"),
        ("evalsha", "x", "0"), ("evalsha", "0" * 40, "0"), ("evalsha", "g" * 40, "0"), ("evalsha_ro", "0" * 40, "0"),
        ("script", "load", "return redis.call('get', KEYS[1])"), "set a 1",
        ("evalsha", "4e6d8fc8bb01276962cce5371fa795a7763657ae", "1", "a"), ("evalsha", "4E6D8FC8BB01276962CCE5371FA795A7763657AE", "1", "a"),
        ("script", "exists", "4e6d8fc8bb01276962cce5371fa795a7763657ae", "4E6D8FC8BB01276962CCE5371FA795A7763657AE", "x", ""),
        "script flush foo", "script flush sync async", "script flush sync", "script flush",
        ("evalsha", "4e6d8fc8bb01276962cce5371fa795a7763657ae", "1", "a"), "script kill", "script nope", "script load", "script",
        ("script", "load", "retur 1"), ("eval", "return redis.call('nope')", "0"), ("eval", "return redis.call('get')", "0"),
        ("eval", "return redis.call('eval', 'return 1', '0')", "0"), ("eval", "return redis.call('multi')", "0"),
        ("eval", "return redis.call('auth', 'x')", "0"), ("eval", "return redis.call('client', 'id')", "0"),
        ("eval", "return redis.call('config', 'get', 'x')", "0"), ("eval", "return redis.call('monitor')", "0"),
        ("eval", "return redis.call('reset')", "0"), ("eval", "return redis.call('quit')", "0"),
        ("eval", "return redis.call('hello')", "0"), ("eval", "return redis.call('debug', 'sleep', '0')", "0"),
        ("eval", "return redis.call('watch', 'a')", "0"), ("eval", "return redis.call('script', 'flush')", "0"),
        ("eval", "return redis.call('object', 'encoding', KEYS[1])", "1", "a"), ("eval", "return redis.call('object', 'nope')", "0"),
        ("eval_ro", "return redis.call('set', 'a', '2')", "0"), ("eval_ro", "return redis.call('get', 'a')", "0"),
        ("eval", "#!lua flags=no-writes\nreturn redis.call('set', 'a', '2')", "0"),
        ("eval", "#!lua flags=nope\nreturn 1", "0"), ("eval", "#!nope\nreturn 1", "0"), ("eval", "#!lua\nreturn redis.call('get', 'a')", "0"),
        ("eval_ro", "#!lua\nreturn 1", "0"), ("eval", "return redis.call('incr', KEYS[1])", "1", "a"), "set s x",
        ("eval", "return redis.call('incr', KEYS[1])", "1", "s"), ("eval", "return redis.pcall('incr', KEYS[1])", "1", "s"),
        ("eval", "local r = redis.pcall('incr', KEYS[1]); return r.err", "1", "s"),
        ("eval", "redis.call('select', 3); redis.call('set', 'in3', 'x'); return redis.call('dbsize')", "0"), "get in3", "dbsize",
        ("eval", "return redis.call('swapdb', 0, 3)", "0"), "dbsize", "swapdb 0 3", "select 3", "dbsize", "flushdb", "select 0",
        ("eval", "x = 1", "0"), ("eval", "return x", "0"), ("eval", "KEYS = 1", "0"), ("eval", "redis.x = 1", "0"),
        ("eval", "return redis.error_reply('MY bad')", "0"), ("eval", "return redis.status_reply('FINE')", "0"),
        ("eval", "return {1, 2.9, 'x', true, false, {3, {4}}, nil, 5}", "0"), ("eval", "return {ok = 'a\\nb'}", "0"),
        ("eval", "error('oh')", "0"), ("eval", "error({err = 'MY own'})", "0"), ("eval", "return {err = 'MY own'}", "0"),
        ("eval", "local t = redis.call('mget', 'a', 'none', 's'); return {#t, t[1], t[2], t[3]}", "0"),
        ("eval", "return redis.call('mset', unpack(ARGV))", "0", "m1", "1", "m2", "2"), "mget m1 m2",
        ("eval", "return redis.call('keys', 'm*')[1] ~= nil", "0"), ("eval", "return #redis.call('keys', 'm*')", "0"),
        ("eval", "return redis.call('del', unpack(KEYS))", "2", "m1", "m2"), "mget m1 m2",
        ("eval", "return redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX')", "1", "l", "t", "100000"), "get l",
        ("eval", "return redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX')", "1", "l", "t", "100000"),
        ("eval", "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end", "1", "l", "u"),
        ("eval", "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end", "1", "l", "t"),
        "multi", ("eval", "return redis.call('set', KEYS[1], ARGV[1])", "1", "a", "9"), "get a", ("evalsha", "0" * 40, "0"),
        ("script", "load", "return 7"), ("evalsha", "4ca238f611c9d0ae4e9a75a5dbac22aedc1e44ed", "0"), "exec",
        "multi", "eval", "exec", ("eval", "return #ARGV[1] + #ARGV[2]", "0", "x" * 40000, ""),
        ("eval", "return ARGV[1] .. redis.call('get', KEYS[1])", "1", "a", "x" * 40000),
        ("eval", "redis.call('set', KEYS[1], ARGV[1]); return redis.call('get', KEYS[1])", "1", "big", "y" * 100000), "strlen big",
        ("eval", "return redis.acl_check_cmd('get', 'a')", "0"), ("eval", "return redis.acl_check_cmd('nope')", "0"),
        ("eval", "redis.setresp(3); return redis.call('get', 'none')", "0"), "hello 3",
        ("eval", "return redis.call('get', 'none')", "0"), ("eval", "redis.setresp(3); return redis.call('get', 'none')", "0"),
        ("eval", "return {true, false, 1.5, {double = 2.5}, {map = {a = 1}}, {set = {a = true}}}", "0"),
        ("eval", "redis.setresp(3); return {true, false, 1.5, {double = 2.5}, {map = {a = 1}}, {set = {a = true}}}", "0"),
        "command getkeys eval x 2 a b c", "command getkeys evalsha x 0", "command getkeys eval x nope"],
    "at the limit": [
        # Only what does not deny: a write that finds a free slot in memory that is there already is taken here.
        "set a b", "set c d ex 100", "config set maxmemory-policy noeviction maxmemory 1", "expire a 100", "ttl a", "pexpire a 90000000",
        "expireat a 4102444800", "expiretime a", "getex a ex 100", "persist a", "persist a", "getex c persist", "ttl c",
        "rename a b", "renamenx b a", "getdel c", "bitfield_ro a get u8 0", "bitcount a", "getrange a 0 -1", "dump n",
        "touch a", "object encoding a", "strlen a", "getdel a", "config set maxmemory 0", "flushall"],
    "expiry and keys": [
        "set a 1", "expire a -1", "exists a", "set a 1", "expire a 100 gt", "ttl a", "expire a 100 lt", "ttl a", "persist a",
        "persist a", "expire a 100 xx", "ttl nokey", "pttl nokey", "expiretime nokey", "rename x b", "rename a a",
        "renamenx a a", "set b 2", "renamenx a b", "copy a b", "copy a b replace", "copy a c db 0", "copy a c db x",
        "copy a c db 99", "copy a a", "copy a", "copy x y", "keys", "keys a b", "keys c", "type nokey", "dbsize x",
        "flushall foo", "flushdb async x", "wait 0 x", "wait 0 -1", "wait x 0", "time x", "role x"],
    "databases": [
        "set a 0", "select 1", "get a", "set a 1", "dbsize", "keys *", "set b 1 ex 100", "dbsize", "select 2", "dbsize",
        "randomkey", "keys *", "scan 0", "select 1", "move a 2", "move a 2", "exists a", "select 2", "get a", "randomkey",
        "scan 0 count 1000000", "move a 2", "move a 16", "move a -1", "move a x", "move a 99999999999", "move b 1", "copy a a", "copy a a db 2",
        "copy a a db 3", "copy a c db 3", "copy a c db 3", "copy a c db 3 replace", "copy a c db 16", "copy a c db x",
        "copy a c db 99999999999", "select 3", "mget a c", "swapdb 2 3", "mget a c", "select 2", "mget a c", "swapdb 2 2",
        "swapdb x 1", "swapdb 1 x", "swapdb 16 1", "swapdb 1 -1", "swapdb 1", "flushdb", "dbsize", "select 1", "dbsize",
        "ttl b", "set b 2 keepttl", "append b 345678901234567890", "get b", "setrange b 2000 x", "strlen b", "persist b",
        "rename b c", "exists b c", "multi", "set m 1", "select 4", "set m 4", "get m", "select 16", "get m", "exec",
        "get m", "select 1", "get m", "mset x 1 y 2", "mget x y m", "incr x", "del x y", "watch m", "select 4", "set m 5",
        "select 1", "multi", "get m", "exec", "watch m", "swapdb 1 4", "multi", "get m", "exec", "watch absent",
        "swapdb 1 4", "multi", "get m", "exec", "watch absent", "swapdb 1 4", "set absent 1", "multi", "get m", "exec",
        "watch m", "flushdb", "multi", "exec", "watch m", "flushdb", "multi", "exec", "watch absent", "flushall", "multi",
        "exec", "set k 1", "select 15", ("set", "", "empty"), "set k 15", "dump k", "object encoding k",
        "select 0", "set k 0", "select x", "select 1x", "select 16", "select -1", "select 99999999999",
        "get k", "select 15", "reset", "get k", "select 15", "exists k", "flushdb", "dbsize", "select 1", "dbsize"],
    "what is not here": [
        "acl", "acl whoami", "acl users", "acl list", "acl getuser default", "acl getuser Default", "acl getuser", "acl cat",
        "acl cat nope", "acl cat read x", "acl log reset", "acl log reset x", "acl log", "acl log x", "acl log 1 2", "acl log -1",
        "acl log 9223372036854775808", "acl genpass 1 2", "pubsub channels a b", "pubsub shardchannels a b", "bgsave x",
        "acl genpass 0", "acl genpass 4097", "acl genpass x", "acl nope",
        "module list", "module nope", "module", "cluster", "cluster info", "cluster nodes", "cluster slots", "cluster keyslot a",
        "readonly", "readonly x", "readwrite", "lastsave x", "pubsub", "pubsub channels", "pubsub channels a*", "pubsub numsub",
        "pubsub numsub a b", "pubsub numpat", "pubsub shardchannels", "pubsub shardnumsub a", "pubsub nope", "sort", "sort nokey",
        "sort nokey by a limit 0 10 get # get b_* desc alpha store x", "sort nokey limit 0", "sort nokey limit x 1", "sort nokey foo",
        "sort nokey store", "sort_ro nokey", "sort_ro nokey store x", "set k v", "sort k", "sort k foo", "sort_ro k by nosort",
        "hscan nokey 0", "hscan nokey 5 match a* count 3", "sscan nokey 0", "zscan nokey 0", "hscan nokey", "hscan k 0"],
    "SCAN": [
        "scan", "scan x", "scan 0 count 0", "scan 0 count x", "scan 0 match", "scan 0 foo bar", "scan 0 type foo",
        "scan 0 count -1", "scan 18446744073709551616"],
    "bits": [
        "setbit a 4294967296 1", "setbit a -1 1", "setbit a 0 2", "getbit a 4294967296", "bitpos a 2", "bitop not d a b",
        "bitop foo d a", "bitop and d", "bitfield a get u64 0", "bitfield a get i65 0", "bitfield a get u0 0",
        "bitfield a overflow foo", "bitfield a set u8 #0 300", "bitfield a overflow fail incrby u8 #0 300",
        "bitfield a incrby u8 -1 1", "bitfield_ro a set u8 0 1", "bitfield_ro a get u8 0"],
    "CLIENT": [
        "client list id", "client list type", "client list type foo", "client list type master", "client list id x",
        "client list id 0", "client list id -5 999999", "client list foo bar", "client kill id x", "client kill id 0",
        "client kill addr", "client kill type foo", "client kill user foo", "client kill skipme maybe",
        "client kill 1.2.3.4:5", "client kill addr 1.2.3.4:5", "client pause", "client pause x", "client pause -1",
        "client pause 1 foo", "client unpause", "client unpause x", "client reply", "client reply foo", "client no-evict",
        "client no-evict foo", "client no-evict on", "client unblock x", "client unblock 999", "client unblock 999 foo",
        "client setname", "client getname", "client getname x", "client id x", "client info x", "client trackinginfo",
        "client tracking", "client tracking foo", "client tracking on bcast optin", "client tracking on prefix a",
        "client tracking on optin optout",
        "client caching yes", "client caching foo", "client getredir", "client tracking off", ("client", "setname", "a b"),
        ("client", "setname", "x\n"), ("client", "setname", ""), "client getname", "client setname ok", "client getname",
        "reset", "client getname"],
    "OBJECT": [
        "object", "object encoding", "object encoding nokey", "object freq nokey", "object idletime nokey", "set a 1",
        "object encoding a", "object refcount a", "object freq a", "set a 12345678901234567890",
        "object encoding a", "append a x", "object encoding a", ("set", "e", "x" * 44), "object encoding e",
        ("set", "e", "x" * 45), "object encoding e", "set i 00", "object encoding i", "set i 9223372036854775808",
        "object encoding i"],
    "CONFIG": [
        "config get maxmemory maxmemory", "config set maxmemory", "config set maxmemory x",
        "config set maxmemory 1mb maxmemory 2mb", "config set foo bar", "config set maxmemory 0 foo bar", "config resetstat",
        "config resetstat x", "config rewrite x", "config set timeout 0 timeout 0", "config set maxmemory -1",
        "config set timeout x", "config set hz foo", "config get foo*bar"],
    "COMMAND": [
        "command count x", "command info nope", "command info get nope", "command getkeys", "command getkeys get a",
        "command getkeys mset a b c d", "command getkeys foo a", "command getkeysandflags set a b", "command list filterby",
        "command list filterby foo x", "command list filterby pattern xyz*", "command docs nope",
        "command getkeys msetnx a b c", "command getkeys bitop and d a b", "command getkeys lcs a b"],
    "transactions": [
        "multi", "exec", "multi", "set a 1", "get a", "foo", "exec", "multi", "get", "exec", "multi", "multi", "exec",
        "discard", "exec x", "watch", "watch a", "multi", "watch b", "exec", "unwatch", "multi", "incr a", "set a b", "incr a",
        "get a", "exec", "multi", "discard", "exec"],
    "RESTORE": [
        "dump nokey", "restore a 0 x", "restore a -1 x", "restore a x y", "restore a 0 x idletime -1", "restore a 0 x freq 256",
        "restore a 0 x idletime 1 freq 2", "restore a 0 x foo", "restore a 0", "set a 1", "restore a 0 xyz",
        "restore a -1 xyz replace"],
    "looking inside": [
        "info nope", "info nope nope2", "slowlog get x", "slowlog get -2", "slowlog len x", "slowlog reset x",
        "latency history foo", "latency history", "latency reset foo", "latency graph foo", "memory usage nokey",
        "memory usage nokey samples x", "memory usage nokey samples -1", "memory usage nokey foo 1", "memory doctor x",
        "memory purge x", "debug sleep", "shutdown foo", "shutdown abort"],
    "RESP3": [
        "hello 3", "get nokey", "client list type master", "set a 1.5", "incrbyfloat a 1", "mget a x", "client trackinginfo",
        "config get maxmemory-policy", "client getname", "command info nope", "object freq a", "latency latest", "exists a",
        "lcs a a idx", "client tracking on", "client trackinginfo", "client getredir", "multi", "get nokey", "exec", "reset",
        "get nokey"],
    "the end": ["set a b", "PiNg", "QUIT", "get a"],
}


def words_of(command):
    return command if isinstance(command, tuple) else command.split(" ")


def replies_of(stream):
    """A stream's replies one by one."""
    reader = Connection.__new__(Connection)
    reader.file = io.BytesIO(stream)
    replies = []
    while reader.file.tell() < len(stream):
        replies.append(reader.read())
    return replies


@unittest.skipUnless((DebianRedis.version() or (0,))[:2] == (7, 0), "needs Debian's redis-server 7.0")
class SameRepliesTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.ours = cls.enterClassContext(Redistill("--workers", "2"))
        cls.theirs = cls.enterClassContext(DebianRedis())

    def replies(self, server, commands):
        with Connection(server) as connection:
            connection.ask("FLUSHALL")
            connection.socket.sendall(b"".join(request(*words_of(command)) for command in commands))
            connection.socket.shutdown(socket.SHUT_WR)
            return replies_of(connection.read_to_end())

    def test_replies_are_the_same_byte_for_byte(self):
        for name, commands in CASES.items():
            ours, theirs = (self.replies(server, commands) for server in (self.ours, self.theirs))
            for command, our_reply, their_reply in zip(commands, ours, theirs):
                with self.subTest(name, command=command):
                    if command != "hello 3":  # versions and ids
                        self.assertEqual(our_reply, their_reply)
            with self.subTest(name):
                self.assertEqual(len(ours), len(theirs))


if __name__ == "__main__":
    unittest.main()
