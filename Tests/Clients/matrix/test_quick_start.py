"""docs/quick-start.md: the programs of its five languages, plain and over TLS, and the caches of frameworks, as the
page has them; addresses and the password are this test's."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from peer import DaemonTest, Redistill, free_port
from daemon import executable
from pages import Page

PAGE = Page.named("docs/quick-start.md")
SECRET = "a-long-secret"
SAID = re.compile(r"hello (60|59)\n")


def over_tls(program, line):
    """The program with the line that connects replaced."""
    head = re.escape(line.split("(")[0])
    replaced, count = re.subn(rf"^{head}\(.*$", lambda _: line.rstrip(), program, flags=re.M)
    assert count == 1, (program, line)
    return replaced


class OnYourMachine(unittest.TestCase):
    def test_a_daemon_is_started_and_asked(self):
        start, use = PAGE.section("On your machine").blocks()
        port = free_port()
        with tempfile.TemporaryDirectory() as directory:
            os.symlink(executable(), f"{directory}/redistilld")
            clean = {name: value for name, value in os.environ.items() if not name.startswith("REDIS")}
            environment = {**clean, "PATH": f"{directory}:{os.environ['PATH']}", "REDISTILL_PORT": str(port)}
            # The shell becomes the daemon, so that ending one ends the other.
            start = start.replace("\nredistilld ", "\nexec redistilld ")
            daemon = subprocess.Popen(["bash", "-euc", start], cwd=directory, env=environment, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
            try:
                self.assertIn(" ready on ", daemon.stdout.readline())
                done = subprocess.run(["bash", "-euo", "pipefail", "-c", use.replace("6379", str(port))],
                                      env=environment, capture_output=True, text=True, timeout=60)
            finally:
                daemon.terminate()
                daemon.wait(60)
                daemon.stdout.close()
        self.assertEqual(done.stdout.splitlines()[:2], ["OK", "hello"], done.stderr)
        self.assertIn("maxmemory_human:256.00M", done.stdout)


class Programs(DaemonTest):
    """Each is run twice: to a port with a password, then, with the line for TLS, to one that speaks TLS."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.directory = Path(tempfile.mkdtemp(prefix="redistill-quick-start-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.certificate, key = cls.directory / "cert.pem", cls.directory / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", key, "-out", cls.certificate], check=True, capture_output=True)
        cls.locked, cls.tls = free_port(), free_port()
        daemon = Redistill("--port", str(cls.locked), "--tls-port", str(cls.tls), "--tls-cert-path",
                           str(cls.certificate), "--tls-key-path", str(key), environment={"REDIS_PASSWORD": SECRET})
        cls.addClassCleanup(daemon.__exit__)

    def blocks(self, title, language):
        blocks = PAGE.section(title).blocks(language)
        return [self.localised(block) for block in blocks]

    def localised(self, text):
        text = text.replace("cache.example.org", "localhost")
        return text.replace("6379", str(self.locked)).replace("6380", str(self.tls))

    def run_as(self, name, program, *command, **variables):
        """Writes the program down and has the command run it."""
        path = self.directory / name
        path.write_text(program)
        trusted = {"SSL_CERT_FILE": str(self.certificate), "NODE_EXTRA_CA_CERTS": str(self.certificate)}
        environment = {**os.environ, "REDIS_PASSWORD": SECRET, **trusted, **variables}
        return self.program(*command, path, cwd=self.directory, env=environment)

    def check(self, name, program, line, *command, **variables):
        for one in [program, over_tls(program, line)]:
            with self.subTest(one):
                self.assertRegex(self.run_as(name, one, *command, **variables), SAID)

    def test_python(self):
        program, line, *_ = self.blocks("Python", "python")
        self.check("program.py", program, line, sys.executable)

    def test_django(self):
        _, _, settings, _ = self.blocks("Python", "python")
        self.assertEqual(self.run_as("django_cache.py", f"""
import os
from django.conf import settings
{settings}
settings.configure(CACHES=CACHES)
from django.core.cache import cache
cache.set("k", "value", 60)
print(cache.get("k"))
""", sys.executable), "value\n")

    def test_flask(self):
        *_, line = self.blocks("Python", "python")
        self.assertEqual(self.run_as("flask_cache.py", f"""
import os
from flask import Flask
from flask_caching import Cache
app = Flask("page")
{line}
with app.app_context():
    cache.set("k", "value")
    print(cache.get("k"))
""", sys.executable), "value\n")

    def test_php(self):
        program, line, _ = self.blocks("PHP", "php")
        self.check("program.php", program, line, "php")

    def test_php_sessions(self):
        settings, = self.blocks("PHP", "ini")
        (self.directory / "php.d").mkdir()
        (self.directory / "php.d/sessions.ini").write_text(settings)
        self.assertEqual(self.run_as("session.php", """<?php
session_id('abc'); session_start(); $_SESSION['k'] = 'value'; session_write_close();
session_start(); echo $_SESSION['k'], ' ', ini_get('session.save_handler'), "\\n";
""", "php", PHP_INI_SCAN_DIR=f":{self.directory}/php.d"), "value redis\n")

    def test_symfony(self):
        *_, line = self.blocks("PHP", "php")
        self.assertEqual(self.run_as("symfony.php", f"""<?php
error_reporting(E_ALL & ~E_DEPRECATED);
require 'Symfony/Component/Cache/autoload.php';
use Symfony\\Component\\Cache\\Adapter\\RedisAdapter;
{line}
echo $cache->get('k', fn() => 'value'), ' ', $cache->get('k', fn() => 'other'), "\\n";
""", "php"), "value value\n")

    def test_ruby(self):
        program, line, _ = self.blocks("Ruby", "ruby")
        self.check("program.rb", program, line, "ruby")

    def test_rails(self):
        *_, line = self.blocks("Ruby", "ruby")
        self.assertEqual(self.run_as("rails.rb", f"""
require 'logger'
require 'active_support'
require 'active_support/cache'
config = Struct.new(:cache_store).new
{line}
cache = ActiveSupport::Cache.lookup_store(*config.cache_store)
cache.write('k', 'value', expires_in: 60)
puts cache.read('k')
""", "ruby"), "value\n")

    def test_node(self):
        program, line = self.blocks("Node", "js")
        self.check("program.js", program, line, "node", NODE_PATH="/usr/share/nodejs:/usr/lib/nodejs")

    def test_go(self):
        program, line = self.blocks("Go", "go")
        self.check("program.go", program, line, "go", "run", GOPATH="/usr/share/gocode", GO111MODULE="off",
                   GOCACHE=str(self.directory / "cache"), GOFLAGS="")


if __name__ == "__main__":
    unittest.main()
