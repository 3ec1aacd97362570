"""Clients of other languages: each program in programs/ does one client's job and exits with 0."""

import os
import tempfile

from peer import HERE, PASSWORD, DaemonTest


class Languages(DaemonTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.locked = cls.locked_port()

    def run_client(self, *command, **options):
        self.program(*command, self.port, self.locked, PASSWORD, **options)

    def test_node_redis(self):
        # Where Debian puts modules; a node of another origin does not look there.
        self.run_client("node", HERE / "programs/node_redis.js",
                        env={**os.environ, "NODE_PATH": "/usr/share/nodejs:/usr/lib/nodejs"})

    def test_ruby_redis(self):
        self.run_client("ruby", HERE / "programs/ruby_redis.rb")

    def test_php_redis(self):
        self.run_client("php", HERE / "programs/php_redis.php")

    def test_predis(self):
        self.run_client("php", HERE / "programs/predis.php")

    def test_perl_redis(self):
        self.run_client("/usr/bin/perl", HERE / "programs/perl_redis.pl", "Redis")

    def test_perl_redis_fast(self):
        self.run_client("/usr/bin/perl", HERE / "programs/perl_redis.pl", "Redis::Fast")

    def test_lua_redis(self):
        self.run_client("lua5.1", HERE / "programs/lua_redis.lua")

    def test_hiredis(self):
        with tempfile.TemporaryDirectory() as directory:
            self.program("cc", "-Wall", "-Wextra", "-o", f"{directory}/client", HERE / "programs/hiredis.c", "-lhiredis")
            self.run_client(f"{directory}/client")

    def test_redigo(self):
        with tempfile.TemporaryDirectory() as directory:
            # Debian's Go libraries are a GOPATH, from before modules.
            self.program("go", "build", "-o", f"{directory}/client", HERE / "programs/redigo.go", env={
                **os.environ, "GOPATH": "/usr/share/gocode", "GO111MODULE": "off", "GOCACHE": f"{directory}/cache",
                "GOFLAGS": ""})
            self.run_client(f"{directory}/client")
