"""Web servers whose pages live in the daemon: PHP's sessions, nginx with Lua, Varnish with its vmod; the caches
of PHP's and Ruby's frameworks."""

import concurrent.futures
import http.client
import os
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

from peer import HERE, PASSWORD, DaemonTest, free_port, wait_until


def get(port, path, headers={}):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


class WebTest(DaemonTest):
    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory(prefix="redistill-matrix-")
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.directory.chmod(0o755)  # servers that drop their rights look into it
        self.web = free_port()

    def serve(self, *command, **options):
        """Starts a web server in the foreground and waits until it answers."""
        self.errors = open(self.directory / "errors", "w+b")
        self.addCleanup(self.errors.close)
        server = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=self.errors,
                                  stderr=self.errors, **options)
        self.addCleanup(server.wait, 60)
        self.addCleanup(server.terminate)

        def answers():
            if server.poll() is not None:
                self.fail((self.directory / "errors").read_text(errors="replace"))
            try:
                return get(self.web, "/ready")
            except OSError:
                return None
        wait_until(answers)


class PhpSessions(WebTest):
    def serve_pages(self, save_path, *settings, **options):
        self.serve("php", "-d", "session.save_handler=redis", "-d", f'session.save_path="{save_path}"',
                   "-d", "session.gc_maxlifetime=100", *settings, "-S", f"127.0.0.1:{self.web}",
                   HERE / "programs/php_sessions.php", **options)

    def test_a_session_lives_in_the_daemon_until_it_is_destroyed(self):
        self.serve_pages(f"tcp://127.0.0.1:{self.port}?prefix=S:")
        self.assertEqual(self.command("FLUSHALL"), b"+OK\r\n")  # the session of asking whether it is ready
        _, headers, page = get(self.web, "/")
        self.assertEqual(page, "1 00ff7c3b")
        cookie = headers["Set-Cookie"].split(";")[0]
        self.assertEqual(get(self.web, "/", {"Cookie": cookie})[2], "2 00ff7c3b")
        self.assertEqual(get(self.web, "/", {"Cookie": cookie})[2], "3 00ff7c3b")
        self.assertEqual(get(self.web, "/")[2], "1 00ff7c3b")
        self.assertEqual(self.count_keys(), 2)
        key = "S:" + cookie.split("=")[1]
        self.assertIn(self.command(f"TTL {key}"), (b":100\r\n", b":99\r\n"))
        self.assertEqual(get(self.web, "/?do=leave", {"Cookie": cookie})[2], "bye")
        self.assertEqual(self.command(f"EXISTS {key}"), b":0\r\n")

    def test_sessions_with_a_password(self):
        auth = urllib.parse.quote(PASSWORD)
        self.serve_pages(f"tcp://127.0.0.1:{self.locked_port()}?auth={auth}")
        cookie = get(self.web, "/")[1]["Set-Cookie"].split(";")[0]
        self.assertEqual(get(self.web, "/", {"Cookie": cookie})[2], "2 00ff7c3b")

    def test_a_locked_session_loses_no_visit(self):
        # Sixteen visits at once by four processes: each waits for the lock, which a script gives back.
        self.serve_pages(f"tcp://127.0.0.1:{self.port}?database=1", "-d", "redis.session.locking_enabled=1",
                         "-d", "redis.session.lock_wait_time=2000", "-d", "redis.session.lock_retries=-1",
                         env={**os.environ, "PHP_CLI_SERVER_WORKERS": "4"})
        cookie = get(self.web, "/")[1]["Set-Cookie"].split(";")[0]
        with concurrent.futures.ThreadPoolExecutor(16) as visitors:
            pages = list(visitors.map(lambda _: get(self.web, "/", {"Cookie": cookie})[2], range(16)))
        self.assertEqual(sorted(int(page.split()[0]) for page in pages), list(range(2, 18)))
        self.assertEqual(self.command("DBSIZE"), b":0\r\n")
        self.assertEqual(self.command_in(1, "KEYS *LOCK"), b"*0\r\n")

    def test_php_cgi_keeps_sessions_too(self):
        environment = {"REDIRECT_STATUS": "200", "REQUEST_METHOD": "GET", "PATH": os.environ["PATH"],
                       "SCRIPT_FILENAME": str(HERE / "programs/php_sessions.php"), "HTTP_COOKIE": "PHPSESSID=abcdef"}
        pages = [self.program("php-cgi", "-d", "session.save_handler=redis", "-d",
                              f"session.save_path=tcp://127.0.0.1:{self.port}", env=environment) for _ in range(2)]
        self.assertTrue(pages[0].endswith("1 00ff7c3b"), pages[0])
        self.assertTrue(pages[1].endswith("2 00ff7c3b"), pages[1])


class NginxWithLua(WebTest):
    def test_pages_come_from_the_daemon(self):
        (self.directory / "nginx.conf").write_text(f"""
            daemon off; worker_processes 1; pid {self.directory}/pid; error_log stderr warn;
            load_module /usr/lib/nginx/modules/ndk_http_module.so;
            load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
            events {{}}
            http {{
              access_log off; client_body_temp_path {self.directory}/a; proxy_temp_path {self.directory}/b;
              fastcgi_temp_path {self.directory}/c;
              uwsgi_temp_path {self.directory}/d; scgi_temp_path {self.directory}/e;
              lua_package_path "/usr/share/lua/5.1/?.lua;;";
              server {{
                listen 127.0.0.1:{self.web};
                location / {{ content_by_lua_file {HERE}/programs/nginx_pages.lua; }}
                set $redis_port {self.port};
              }}
            }}""")
        self.serve("/usr/sbin/nginx", "-p", self.directory, "-e", "stderr", "-c", self.directory / "nginx.conf")
        self.assertEqual(self.command("SET page:/hello world"), b"+OK\r\n")
        self.assertEqual(get(self.web, "/hello")[::2], (200, "world, visit 1 of 2"))
        # The second request takes the pooled connection that the first left.
        self.assertEqual(get(self.web, "/hello")[::2], (200, "world, visit 2 of 2"))
        self.assertEqual(get(self.web, "/hello")[0], 429)
        self.assertEqual(get(self.web, "/absent")[0], 404)


class VarnishWithRedis(WebTest):
    def test_pages_and_counters_come_from_the_daemon(self):
        vcl = (HERE / "programs/varnish.vcl").read_text().replace("REDIS", f"127.0.0.1:{self.port}")
        (self.directory / "test.vcl").write_text(vcl)
        # The jail would need its users; the tests run as whoever they run as.
        self.serve("/usr/sbin/varnishd", "-F", "-j", "none", "-n", self.directory / "work", "-a",
                   f"127.0.0.1:{self.web}", "-f", self.directory / "test.vcl", "-T", "none", "-s", "malloc,16m")
        self.assertEqual(self.command("SET page:/hello world"), b"+OK\r\n")
        self.assertEqual(get(self.web, "/hello")[::2], (200, "world, visit 1"))
        self.assertEqual(get(self.web, "/hello")[::2], (200, "world, visit 2"))
        self.assertEqual(get(self.web, "/absent")[0], 404)


class Php(DaemonTest):
    """Laravel, Symfony and MediaWiki: their caches as Debian packages them, on both clients of PHP."""

    def test_laravel(self):
        for client in ("phpredis", "predis"):
            with self.subTest(client):
                self.command("FLUSHALL")
                self.program("php", HERE / "programs/laravel.php", self.port, client)

    def test_symfony(self):
        for client in ("redis", "predis"):
            with self.subTest(client):
                self.command("FLUSHALL")
                self.program("php", HERE / "programs/symfony.php", self.port, client)

    def test_mediawiki(self):
        self.program("php", HERE / "programs/mediawiki.php", self.port)


class Rails(DaemonTest):
    def test_active_support_keeps_its_cache_in_the_daemon(self):
        self.program("ruby", HERE / "programs/rails_cache.rb", self.port, self.locked_port(), PASSWORD)
