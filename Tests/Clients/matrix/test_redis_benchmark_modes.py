"""redis-benchmark with commands of one's own and with a password. (Its own tests: ../test_redis_benchmark.py.)"""

from peer import PASSWORD, DaemonTest


class RedisBenchmarkModes(DaemonTest):
    def bench(self, *arguments, port=None):
        output = self.program("redis-benchmark", "-p", port or self.port, "-q", *arguments)
        self.assertNotIn("rror", output)
        self.assertRegex(output, r"[\d.]+ requests per second")
        return output

    def test_any_command_with_random_keys(self):
        self.bench("-n", 20000, "-P", 16, "-r", 1000, "SET", "key:__rand_int__", "v", "EX", "100")
        self.assertLessEqual(self.count_keys(), 1000)
        self.assertGreater(self.count_keys(), 900)

    def test_resp3_with_a_password(self):
        self.bench("-a", PASSWORD, "-3", "-n", 5000, "-t", "set,get,incr,mset", port=self.locked_port())
