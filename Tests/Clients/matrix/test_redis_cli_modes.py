"""redis-cli's modes that ask a server about itself. (Its commands, pipes and scans: Tests/Clients/test_redis_cli.py.)"""

import json
import re
import subprocess

from peer import PASSWORD, DaemonTest, wait_until


class RedisCliModes(DaemonTest):
    def cli(self, *arguments, **options):
        return self.program("redis-cli", "-p", self.port, *arguments, **options)

    def fill(self):
        self.cli("--pipe", input="".join(f"SET key:{number} {'v' * number}\r\n" for number in range(1, 500)))
        self.assertEqual(self.count_keys(), 499)

    def test_bigkeys_in_both_protocols(self):
        self.fill()
        for protocol in ("-2", "-3"):
            output = self.cli(protocol, "--bigkeys")
            self.assertIn('Biggest string found \'"key:499"\' has 499 bytes', output)
            self.assertIn("Sampled 499 keys in the keyspace!", output)

    def test_memkeys_in_both_protocols(self):
        self.fill()
        for protocol in ("-2", "-3"):
            output = self.cli(protocol, "--memkeys", "--memkeys-samples", "0")
            name, size = re.search(r"Biggest string found '\"(key:\d+)\"' has (\d+) bytes", output).groups()
            self.assertGreaterEqual(int(size), 490)
            self.assertIn("499 strings with", output)

    def test_stat_shows_keys_memory_and_requests(self):
        self.fill()
        # It never ends by itself: two lines, then its pipe closes.
        with subprocess.Popen(["redis-cli", "-p", str(self.port), "--stat", "-i", "0.05"], stdout=subprocess.PIPE,
                              text=True) as stat:
            lines = [stat.stdout.readline() for _ in range(4)]
            stat.kill()
        self.assertRegex(lines[1], r"keys +mem +clients +blocked +requests +connections")
        for line in lines[2:]:
            self.assertRegex(line, r"^499 +[\d.]+[KM] +\d+ +0 +\d+ \(\+\d+\) +\d+")

    def test_latency_samples_with_ping(self):
        lowest, highest, mean, samples = self.cli("--latency", "-i", "0.2", "--raw").split()
        self.assertGreater(int(samples), 0)
        self.assertLessEqual(int(lowest), int(highest))

    def test_hotkeys_says_which_policy_it_needs(self):
        self.fill()
        done = subprocess.run(["redis-cli", "-p", str(self.port), "--hotkeys"], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("ERR An LFU maxmemory policy is not selected, access frequency not tracked.", done.stderr)

    def test_scan_of_a_small_database_is_one_page(self):
        # Not promised by SCAN, yet ioredis' own tests and code that reads a single page count on it.
        self.assertEqual(self.cli("SCAN", "0"), "0\n\n")
        self.cli("MSET", "a", "1", "b", "2", "c", "3")
        cursor, *keys = self.cli("SCAN", "0").split()
        self.assertEqual((cursor, sorted(keys)), ("0", ["a", "b", "c"]))

    def test_json_shows_maps_and_nulls(self):
        self.cli("SET", "k", 'a "quoted" value')
        self.assertEqual(json.loads(self.cli("--json", "MGET", "k", "none")), ['a "quoted" value', None])
        self.assertEqual(json.loads(self.cli("--json", "CONFIG", "GET", "maxmemory-samples")), {"maxmemory-samples": "5"})

    def test_monitor_shows_the_commands_of_others(self):
        with subprocess.Popen(["redis-cli", "-p", str(self.port), "MONITOR"], stdout=subprocess.PIPE, text=True) as cli:
            self.assertEqual(cli.stdout.readline(), "OK\n")
            self.cli("SET", "k", "v")
            line = wait_until(lambda: next(line for line in cli.stdout if '"SET"' in line))
            cli.kill()
        self.assertRegex(line, r'^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "k" "v"$')

    def test_a_password_in_the_environment(self):
        done = subprocess.run(["redis-cli", "-3", "-p", str(self.locked_port()), "SET", "k", "v"], text=True,
                              capture_output=True, env={"REDISCLI_AUTH": PASSWORD}, timeout=60)
        self.assertEqual((done.stdout, done.stderr), ("OK\n", ""))
