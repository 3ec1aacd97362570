"""redistilld top: at a real terminal, from a pipe, over each way in, against Redistill and Debian's Redis."""

import signal
import subprocess
import tempfile
import unittest

from certificates import Authority
from configured import Client, Daemon, executable, free_port
from daemon import DebianRedis
from terminal import Terminal

FAST = ["-i", "0.1"]


def top(*arguments):
    return [executable(), "top", *FAST, *map(str, arguments)]


def page(*arguments, environment=None):
    """The exit code, output and errors where standard output is no terminal."""
    done = subprocess.run(
        top(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, env=environment)
    return done.returncode, done.stdout, done.stderr


class Top(unittest.TestCase):
    def test_overview_shows_what_happens(self):
        with Daemon(memory={"max_memory": "64mb"}) as daemon, daemon.connect() as client:
            client.ask("CLIENT", "SETNAME", "web")
            with Terminal(top("-p", daemon.port)) as terminal:
                terminal.shows(
                    f"127.0.0.1:{daemon.port}", "Redistill", "of 64.0M", "allkeys-lru", "COMMAND", "CLIENT", "web 127.0.0.1:",
                    "redistilld-top", "q quit", meanwhile=lambda: client.ask("SET", "a", "b"))
                terminal.until(
                    lambda: any(line.startswith("set ") and line.split()[1] not in "-0" for line in terminal.lines()),
                    meanwhile=lambda: client.ask("SET", "a", "b"))
                terminal.press("q")
                self.assertEqual(terminal.end(), 0)

    def test_terminal_is_given_back(self):
        with Daemon() as daemon:
            for leave in [lambda t: t.press("q"), lambda t: t.press("\x03"),
                          lambda t: t.process.send_signal(signal.SIGTERM)]:
                with Terminal(top("-p", daemon.port)) as terminal:
                    terminal.shows("COMMAND")
                    self.assertFalse(terminal.settings_are_as_before())
                    leave(terminal)
                    self.assertEqual(terminal.end(), 0)
                    self.assertTrue(terminal.settings_are_as_before())
                    self.assertTrue(terminal.written.endswith(b"\x1b[?25h\x1b[?1049l"))

    def test_redrawing_never_clears_first(self):
        with Daemon() as daemon, Terminal(top("-p", daemon.port)) as terminal:
            terminal.until(lambda: terminal.written.count(b"\x1b[?2026l") >= 5)
            frames = terminal.written.split(b"\x1b[?2026h")[1:5]
            self.assertEqual([b"\x1b[2J" in frame for frame in frames], [True, False, False, False])

    def test_keys_sort_pause_help_and_choose(self):
        with Daemon() as daemon, Terminal(top("-p", daemon.port)) as terminal:
            terminal.shows("sort: calls", "Tab overview")
            terminal.press("s")
            terminal.shows("sort: time")
            terminal.press("3")
            terminal.shows("Tab clients", "sort: memory")
            terminal.press("\x1b[A")
            terminal.shows("Tab commands")
            terminal.press("h")
            terminal.shows("Ctrl-Z         suspend")
            terminal.press("\x1b")
            terminal.until(lambda: "Ctrl-Z" not in terminal.text())
            terminal.press("p")
            terminal.shows("PAUSED")
            calls = daemon.info("stats")["total_commands_processed"]
            terminal.press("+")
            terminal.read(0.5)
            self.assertLessEqual(int(daemon.info("stats")["total_commands_processed"]) - int(calls), 2)
            terminal.press("p")
            terminal.shows("every 200ms")

    def test_change_of_size_is_followed(self):
        with Daemon() as daemon, Terminal(top("-p", daemon.port)) as terminal:
            terminal.shows("h help")
            for columns, rows in [(120, 40), (60, 15), (20, 3), (80, 24)]:
                terminal.resize(columns, rows)
                terminal.until(lambda: terminal.lines()[rows - 1].startswith(" q quit") and
                               "q quit" not in "".join(terminal.lines()[:rows - 1]))

    def test_server_that_leaves_and_comes_back(self):
        port = free_port()
        with Daemon(server={"port": port}) as daemon, Terminal(top("-p", port)) as terminal:
            terminal.shows("COMMAND")
            daemon.stop()
            terminal.shows("Connection lost", "trying again", "COMMAND")
            with Daemon(server={"port": port}):
                terminal.until(lambda: "Connection lost" not in terminal.text() and "COMMAND" in terminal.text())
                terminal.press("q")
                self.assertEqual(terminal.end(), 0)

    def test_hot_keys_are_sampled_or_it_says_that_there_are_none(self):
        with Daemon() as daemon, daemon.connect() as client, Terminal(top("-p", daemon.port)) as terminal:
            terminal.press("4")
            terminal.shows("HOT KEY")
            terminal.press("k")
            if "no HOTKEYS" in terminal.text():
                terminal.shows("this server has no HOTKEYS")
            else:
                terminal.shows("HOT KEY (sampling", "sun", meanwhile=lambda: client.ask("SET", "sun", "x" * 1000))
                terminal.press("k")
                terminal.shows("HOT KEY (sampled")

    def test_what_is_no_terminal_gets_one_page(self):
        with Daemon() as daemon:
            code, output, errors = page("-p", daemon.port)
            self.assertEqual((code, errors), (0, ""))
            self.assertIn("COMMAND", output)
            self.assertIn("info ", output)
            self.assertNotIn("\x1b", output)
            self.assertTrue(all(len(line) <= 80 for line in output.splitlines()))
            with Terminal(top("-p", daemon.port), environment={"TERM": "dumb"}) as terminal:
                self.assertEqual(terminal.end(), 0)
                self.assertNotIn(b"\x1b", terminal.written)

    def test_password_socket_and_file(self):
        with tempfile.TemporaryDirectory() as directory:
            socket = f"{directory}/r.sock"
            with Daemon(server={"unix_socket": socket}, security={"password": "hush"}) as daemon:
                for arguments in [
                        ["-p", daemon.port, "-a", "hush"], ["-s", socket, "-a", "hush", "--user", "default"],
                        ["--config", daemon.config], ["--port", daemon.port, "--config", daemon.config]]:
                    code, output, errors = page(*arguments)
                    self.assertEqual((code, errors), (0, ""), arguments)
                    self.assertIn("COMMAND", output)
                self.assertEqual(page("-p", daemon.port, environment={"REDISCLI_AUTH": "hush"})[0], 0)
                code, _, errors = page("-p", daemon.port)
                self.assertEqual(code, 1)
                self.assertIn("the server wants a password: set REDISCLI_AUTH", errors)
                code, _, errors = page("-p", daemon.port, "-a", "loud")
                self.assertEqual(code, 1)
                self.assertIn("refuses the password", errors)

    def test_tls(self):
        with tempfile.TemporaryDirectory() as directory:
            authority = Authority(directory)
            certificate, key = map(str, authority.issue("server"))
            tls = {"tls_enabled": True, "tls_cert_path": certificate, "tls_key_path": key}
            with Daemon(security=tls) as daemon:
                ca = authority.certificate
                for arguments in [["--cacert", ca], ["--insecure"], ["-h", "localhost", "--cacert", ca],
                                  ["--cacert", certificate], ["--config", daemon.config]]:
                    if "--config" not in arguments:
                        arguments += ["--tls", "-p", daemon.port]
                    code, output, errors = page(*arguments)
                    self.assertEqual((code, errors), (0, ""), arguments)
                    self.assertIn("COMMAND", output)
                for arguments, word in [(["--tls"], "--cacert FILE"),
                                        (["--tls", "--cacert", ca, "--sni", "elsewhere"], "not for \"elsewhere\""),
                                        ([], "--tls")]:
                    code, output, errors = page("-p", daemon.port, *arguments)
                    self.assertEqual((code, output), (1, ""))
                    self.assertIn(word, errors)

    def test_mistakes_say_what_to_write(self):
        for arguments, code, word in [
                (["-p", free_port()], 1, "Connection refused"), (["-i", "0"], 64, "give 0.1 to 60 seconds"),
                (["-s", "/nowhere/r.sock"], 1, "No such file"), (["--max-memory", "1gb"], 64, "--max-memory"),
                (["--config", "/nowhere.toml"], 78, "/nowhere.toml"), (["--cacert", "x"], 64, "belongs to --tls"),
                (["--user", "ann"], 64, "REDISCLI_AUTH")]:
            with self.subTest(arguments=arguments):
                done, output, errors = page(*arguments)
                self.assertEqual((done, output), (code, ""), errors)
                self.assertIn(word, errors)

    def test_another_protocol_is_told(self):
        with Daemon() as daemon:
            code, _, errors = page("-p", daemon.http)
            self.assertEqual(code, 1)
            self.assertRegex(errors, "is it the right port")


@unittest.skipUnless(DebianRedis.version(), "redis-server is not installed")
class TopOfRedis(unittest.TestCase):
    def test_plain_redis_is_shown(self):
        with DebianRedis() as redis, Terminal(top("-p", redis.port)) as terminal:
            terminal.shows("Redis 7.", "no limit", "noeviction", "info ", "redistilld-top")
            terminal.press("4")
            terminal.shows("this server has no HOTKEYS")
            looks = terminal.written.count(b"\x1b[?2026l")
            terminal.until(lambda: terminal.written.count(b"\x1b[?2026l") > looks + 3)
            # What it does not know is asked for once, not at each look.
            with Client(redis.port) as client:
                self.assertIn(b"errorstat_ERR:count=1\r\n", client.ask("INFO", "errorstats"))
            terminal.press("q")
            self.assertEqual(terminal.end(), 0)


if __name__ == "__main__":
    unittest.main()
