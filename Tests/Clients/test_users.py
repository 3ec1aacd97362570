"""Users of [[users]]: what each role may do, over real clients, and beside Debian's redis-server with the same rules."""

import contextlib
import os
import re
import signal
import socket
import threading
import time
import unittest
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from daemon import DebianRedis, Redistill
from resp import request

USERS = """
[security]
password = "boss"
[logging]
log_file = "{log}"
audit_log_file = "{audit}"
[[users]]
name = "reader"
password = "pw"
role = "read"
[[users]]
name = "writer"
password = "pw"
role = "write"
[[users]]
name = "root"
password = "pw"
role = "admin"
[[users]]
name = "app"
password = "pw"
role = "write"
keys = ["app:*"]
databases = [0, 1]
"""


class Users(Redistill):
    """A daemon with USERS, whose file may be written anew."""

    def __init__(self, *flags):
        super().__init__("--config", "users.toml", *flags)

    def spawn(self, arguments, environment=None):
        self.write(USERS)  # the directory is there by now
        super().spawn(arguments, environment)

    def path(self, name):
        return Path(self.directory) / name

    def write(self, text):
        text = text.format(log=self.path("log"), audit=self.path("audit"))
        self.path("users.toml").write_text(text)

    def reloads(self):
        return len(re.findall("configuration reloaded|reload refused|reload failed", self.path("log").read_text()))

    def reload(self, text):
        before = self.reloads()
        self.write(text)
        os.kill(self.process.pid, signal.SIGHUP)
        until(lambda: self.reloads() > before)

    def client(self, user, password="pw", database=0):
        return redis.Redis(
            port=self.port, username=user, password=password, db=database, decode_responses=True, retry=Retry(NoBackoff(), 0))


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def read_until(connection, end):
    """What comes, up to these bytes."""
    answer = b""
    while not answer.endswith(end):
        piece = connection.recv(1 << 16)
        assert piece, answer
        answer += piece
    return answer


def outcome(client, *command):
    try:
        client.execute_command(*command)
        return "ran"
    except redis.exceptions.NoPermissionError:
        return "NOPERM"
    except redis.exceptions.RedisError:
        return "ran"


def all_commands(client):
    """Every command, and every subcommand as "client|kill"."""
    client.set_response_callback("COMMAND", lambda rows, **_: rows)
    for row in client.execute_command("COMMAND"):
        subcommands = [sub[0] for sub in row[9]]
        yield from subcommands or [row[0]]


def dry_run(client, user, name):
    """May the user call it? With as few arguments as it takes."""
    arguments = name.split("|")
    for _ in range(12):
        try:
            answer = client.execute_command("ACL", "DRYRUN", user, *arguments)
            return answer in ("OK", True)
        except redis.exceptions.ResponseError as error:
            if "wrong number of arguments" not in str(error):
                raise
            arguments.append("1")
    raise AssertionError(name)


class Roles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Users())

    def rules(self, user):
        lines = self.server.client("default", "boss").acl_list()
        return next(line for line in lines if line.startswith(f"user {user} "))

    def test_redis_py_logs_in_and_says_who_it_is(self):
        client = self.server.client("app")
        self.assertEqual(client.acl_whoami(), "app")
        self.assertEqual(client.client_info()["user"], "app")
        self.assertTrue(client.set("app:1", "v"))
        self.assertEqual(self.server.client("reader").get("app:1"), "v")
        with self.assertRaisesRegex(redis.exceptions.NoPermissionError, "No permissions to access a key"):
            client.get("other")
        with self.assertRaisesRegex(redis.exceptions.NoPermissionError, "User reader has no permissions to run the 'set' command"):
            self.server.client("reader").set("app:1", "v")
        with self.assertRaisesRegex(redis.exceptions.NoPermissionError, "No permissions to access database"):
            self.server.client("app", database=2).ping()
        self.assertTrue(self.server.client("app", database=1).ping())
        with self.assertRaises(redis.exceptions.AuthenticationError):
            self.server.client("app", "wrong").ping()

    def test_rules_that_are_told_are_those_that_hold(self):
        """What ACL LIST says, read as Redis reads it, allows and refuses the same commands."""
        ours = self.server.client("default", "boss")
        with DebianRedis() as redis_server:
            theirs = redis.Redis(port=redis_server.port, decode_responses=True)
            names = [set(all_commands(client)) for client in (ours, theirs)]
            both = sorted(names[0] & names[1])
            self.assertGreater(len(both), 120)
            for user in ("reader", "writer", "root"):
                rules = [rule for rule in self.rules(user).split()[2:] if not rule.startswith("#")]
                theirs.execute_command("ACL", "SETUSER", user, "reset", "nopass", *rules)
                for name in both:
                    with self.subTest(user=user, name=name):
                        self.assertEqual(dry_run(ours, user, name), dry_run(theirs, user, name))

    def test_keys_are_refused_as_in_redis(self):
        commands = [
            "GET app:1", "GET x", "SET app:1 v", "SET x v", "MGET app:1 x", "MSET app:1 v app:2 v", "MSET app:1 v x v", "DEL app:1 x",
            "COPY app:1 x", "COPY x app:1", "RENAME app:1 x", "EXISTS app:1", "EXISTS x", "TYPE x", "OBJECT ENCODING x",
            "MEMORY USAGE x", "WATCH x", "WATCH app:1", "UNWATCH", "TOUCH x", "BITOP NOT app:1 x", "LCS app:1 x", "EVAL return(1) 1 x",
            "EVAL return(1) 1 app:1", "EVAL return(1) 0", "GETEX x", "EXPIRE x 1", "TTL x", "SCAN 0", "DBSIZE", "PING", "ECHO x",
            "FLUSHALL", "CONFIG GET x", "CLIENT LIST", "MULTI", "DISCARD", "TIME", "SELECT 1", "SCRIPT EXISTS x",
            "ACL WHOAMI", "ACL LIST", "CLIENT INFO", "MONITOR x",
        ]
        with DebianRedis() as redis_server:
            all_of_theirs = redis.Redis(port=redis_server.port)
            all_of_theirs.execute_command("ACL", "SETUSER", "app", "on", ">pw", "~app:*", "+@all", "-@dangerous", "+info", "+keys")
            theirs = redis.Redis(port=redis_server.port, username="app", password="pw", single_connection_client=True)
            ours = redis.Redis(port=self.server.port, username="app", password="pw", single_connection_client=True)
            for command in commands:
                with self.subTest(command):
                    self.assertEqual(outcome(ours, *command.split()), outcome(theirs, *command.split()))

    def test_scripts_may_do_what_their_caller_may(self):
        client = self.server.client("app")
        for script, keys in [("return redis.call('get', 'x')", 0), ("return redis.call('flushall')", 0)]:
            with self.assertRaisesRegex(redis.exceptions.ResponseError, "ACL failure in script: "):
                client.eval(script, keys)
        self.assertEqual(client.eval("return redis.pcall('get', 'x').err", 0), "ERR ACL failure in script: No permissions to access a key")
        self.assertEqual(client.eval("return {tostring(redis.acl_check_cmd('get', 'x')), tostring(redis.acl_check_cmd('get', 'app:1'))}", 0),
                         ["false", "true"])
        self.assertIsNone(client.eval("redis.call('set', KEYS[1], 'v') return nil", 1, "app:s"))

    def test_denials_are_counted_and_in_acl_log(self):
        admin, client = self.server.client("root"), self.server.client("reader")
        admin.acl_log_reset()
        before = admin.info("stats")
        for _ in range(3):
            with self.assertRaises(redis.exceptions.NoPermissionError):
                client.delete("x")
        entry = admin.acl_log()[0]
        self.assertEqual((entry["count"], entry["reason"], entry["context"], entry["object"], entry["username"]),
                         (3, "command", "toplevel", "del", "reader"))
        self.assertEqual(entry["client-info"]["user"], "reader")
        self.assertEqual(admin.info("stats")["acl_access_denied_cmd"], before["acl_access_denied_cmd"] + 3)
        self.assertGreaterEqual(admin.info("errorstats")["errorstat_NOPERM"]["count"], 3)
        until(lambda: 'a user was refused a command' in self.server.path("log").read_text())

    def test_admins_see_and_end_connections_by_user(self):
        admin, client = self.server.client("root"), redis.Redis(
            port=self.server.port, username="writer", password="pw", single_connection_client=True)
        client.ping()
        self.assertIn("writer", {row["user"] for row in admin.client_list()})
        self.assertGreaterEqual(admin.execute_command("CLIENT", "KILL", "USER", "writer"), 1)
        with self.assertRaisesRegex(redis.exceptions.ResponseError, "No such user 'nobody'"):
            admin.execute_command("CLIENT", "KILL", "USER", "nobody")
        for command in (["SETUSER", "x", "on"], ["DELUSER", "app"], ["LOAD"], ["SAVE"]):
            with self.assertRaisesRegex(redis.exceptions.ResponseError, "configuration file"):
                admin.execute_command("ACL", *command)


class Reloads(unittest.TestCase):
    def test_removed_and_changed_users_are_closed_and_others_stay(self):
        with Users() as server:
            clients = {name: redis.Redis(port=server.port, username=name, password="pw", single_connection_client=True, retry=None)
                       for name in ("reader", "writer", "root", "app")}
            for client in clients.values():
                client.ping()
            server.reload(USERS.replace('role = "admin"', 'role = "read"').replace('name = "writer"', 'name = "other"')
                          .replace('password = "pw"\nrole = "write"\nkeys', 'password = "new"\nrole = "write"\nkeys'))
            for name in ("root", "writer"):
                with self.assertRaises(redis.exceptions.ConnectionError):
                    clients[name].connection.send_command("PING")
                    clients[name].connection.read_response()
            self.assertTrue(clients["reader"].ping() and clients["app"].ping())
            self.assertTrue(server.client("app", "new").ping() and server.client("other").ping())
            for name in ("app", "writer"):
                with self.assertRaises(redis.exceptions.AuthenticationError):
                    server.client(name).ping()

    def test_a_file_that_lost_its_users_is_refused_unless_it_says_so(self):
        with Users() as server:
            server.reload(USERS.split("[[users]]")[0])
            self.assertIn("reload refused", server.path("log").read_text())
            self.assertTrue(server.client("app").ping())
            server.reload("users = []\n" + USERS.split("[[users]]")[0])
            with self.assertRaises(redis.exceptions.AuthenticationError):
                server.client("app").ping()

    def test_config_rewrite_keeps_them(self):
        with Users() as server:
            admin = server.client("root")
            admin.config_set("maxmemory", "64mb")
            admin.config_rewrite()
            text = server.path("users.toml").read_text()
            self.assertEqual(text.count("[[users]]"), 4)
            self.assertIn("max_memory = ", text)


class Audit(unittest.TestCase):
    def test_it_has_who_did_what_and_no_secret(self):
        with Users() as server:
            admin, client = server.client("root"), server.client("reader")
            client.ping()
            with self.assertRaises(redis.exceptions.NoPermissionError):
                client.flushall()
            with self.assertRaises(redis.exceptions.AuthenticationError):
                server.client("app", "a-wrong-secret").ping()
            admin.config_set("requirepass", "another-secret")
            audit = server.path("audit")
            until(lambda: "CONFIG SET" in audit.read_text())
            text = audit.read_text()
            for words in [r"a user logged in client=127\.0\.0\.1:\d+ user=reader",
                          r"a user was refused a command client=127\.0\.0\.1:\d+ command=FLUSHALL reason=command user=reader",
                          r"a client gave a wrong password client=127\.0\.0\.1:\d+ user=app",
                          r'a command of administration was called client=127\.0\.0\.1:\d+ command="CONFIG SET" user=root',
                          r"password changed .*client=127\.0\.0\.1:\d+"]:
                self.assertRegex(text, words)
            self.assertNotIn("secret", text)
            audit.rename(server.path("audit.1"))
            os.kill(server.process.pid, signal.SIGHUP)
            until(audit.exists)

    def test_it_is_not_there_unless_it_is_asked_for(self):
        with Users() as server:
            server.reload(USERS.replace('audit_log_file = "{audit}"', 'audit_log_file = ""'))
            size = server.path("audit").stat().st_size
            server.client("reader").ping()
            server.client("root").config_set("maxmemory", "64mb")
            self.assertEqual(server.path("audit").stat().st_size, size)


def has_ended(connection):
    """Reads what has come to a socket that does not wait. Whether the server has closed the connection."""
    with contextlib.suppress(BlockingIOError):
        while connection.recv(1 << 16):
            pass
        return True
    return False


class Guesses(unittest.TestCase):
    def test_who_is_logged_in_guesses_no_faster_than_a_stranger(self):
        """Once as many connections are held back as may be, who guesses wrong is closed, as a user, too."""
        with Users("--max-connections", "16") as server, contextlib.ExitStack() as stack:
            guessers = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10)) for _ in range(6)]
            for guesser in guessers:
                guesser.sendall(request("AUTH", "app", "pw") + request("PING"))
                self.assertEqual(read_until(guesser, b"+PONG\r\n"), b"+OK\r\n+PONG\r\n")
            *first, last = guessers
            for guesser in first:
                guesser.sendall(request("AUTH", "default", "guess") * 20)
                guesser.setblocking(False)
            until(lambda: sum(map(has_ended, first)) == len(first) - 2)  # of sixteen connections two may be held back
            last.sendall(request("AUTH", "default", "guess") * 1000 + request("AUTH", "default", "boss"))
            answers = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := last.recv(1 << 16):
                    answers += piece
            self.assertLess(answers.count(b"WRONGPASS"), 30)
            self.assertNotIn(b"+OK", answers)


class Gone(unittest.TestCase):
    def test_a_script_of_a_user_who_is_gone_ends(self):
        with Users() as server:
            script = threading.Thread(target=outcome, args=(
                server.client("app"), "EVAL", "while true do redis.call('INCR', 'app:turns') end", 0))
            script.start()
            boss = server.client("default", "boss")
            until(lambda: "cmdstat_incr" in boss.info("commandstats"))
            server.reload(USERS.split("[[users]]")[0] + "[[users]]" + USERS.split("[[users]]")[1])
            began = time.monotonic()
            script.join(20)
            self.assertLess(time.monotonic() - began, 5, "its time is ten seconds")


if __name__ == "__main__":
    unittest.main()
