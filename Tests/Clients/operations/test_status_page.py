"""The status page as an operator's browser shows it. REDISTILL_PICTURES names a folder for pictures of it."""

import json
import os
import pathlib
import subprocess
import threading
import unittest
import urllib.error
import urllib.request

from browser import Browser
from configured import Daemon, until

# Three figures of each chart: two that are lines between them.
DRAWN = 'document.querySelectorAll("#charts polyline").length >= 4'


class Load:
    """Clients that do a little of everything for as long as its `with` block."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        with self.daemon.connect() as client:
            client.ask("CLIENT", "SETNAME", "<b>load</b>")
            client.ask("HOTKEYS", "START", "METRICS", "2", "CPU", "NET")
            turn = 0
            while not self.ended.wait(0.005):
                turn += 1
                client.ask("SET", f"user:{turn}", "x" * 1000, "PX", "900")
                client.ask("GET", f"user:{turn - turn % 3}")
                client.ask("MGET", *[f"user:{number}" for number in range(turn, turn + 20)])

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


class StatusPage(unittest.TestCase):
    def setUp(self):
        self.browser = self.enterContext(Browser())
        self.browser.size(1280, 900)

    def daemon(self, **security):
        daemon = self.enterContext(Daemon(
            memory={"max_memory": "256mb"}, security=security, logging={"slowlog_log_slower_than": 0}))
        self.address = f"http://127.0.0.1:{daemon.http}/"
        return daemon

    def picture(self, name):
        folder = os.environ.get("REDISTILL_PICTURES")
        if folder:
            self.browser.picture(pathlib.Path(folder) / f"{name}.png")

    def media(self, scheme):
        self.browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def test_charts_move_and_nothing_is_asked_of_anybody_else(self):
        daemon = self.daemon()
        with Load(daemon):
            self.browser.open(self.address, DRAWN)
            self.browser.wait('[...document.querySelectorAll("#charts .name")].some(name => name.textContent === "mget")')
            self.assertEqual(self.browser.evaluate('document.getElementById("state").textContent'), "ready")
            figures = self.browser.evaluate('[...document.querySelectorAll(".tile b")].map(tile => tile.textContent)')
            self.assertEqual(len(figures), 6)
            self.assertGreater(float(figures[0].split()[0]), 0)
            self.assertNotIn("NaN", self.browser.evaluate("document.body.innerHTML"))
            # A client's name is text, in what the daemon wrote and in what the script writes.
            self.browser.wait('document.getElementById("clients").innerText.includes("<b>load</b>")')
            self.picture("light")
            self.media("dark")
            self.assertEqual(self.browser.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(18, 21, 27)")
            self.picture("dark")
            asked = {event["request"]["url"] for event in self.browser.named("Network.requestWillBeSent")}
            self.assertEqual({url for url in asked if not url.startswith("data:")}, {self.address, self.address + "status.json"})
            self.assertEqual(self.browser.complaints(), [])

    def test_pointer_shows_the_figures_of_that_time(self):
        daemon = self.daemon()
        with Load(daemon):
            self.browser.open(self.address, DRAWN)
            box = self.browser.evaluate(
                '(({right, top}) => [right, top])(document.querySelector("#charts svg").getBoundingClientRect())')
            self.browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0] - 12, y=box[1] + 40)
            self.browser.wait('document.querySelectorAll(".cursor").length === 5')

    def test_a_phone_need_not_scroll_sideways(self):
        daemon = self.daemon()
        with Load(daemon):
            self.browser.size(360, 740, is_phone=True)
            self.browser.open(self.address, DRAWN)
            self.picture("phone")
            self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth"), 360)
            self.media("dark")
            self.picture("phone-dark")

    def test_without_javascript_there_are_tables(self):
        daemon = self.daemon()
        with Load(daemon):
            until(lambda: "cmdstat_mget" in daemon.info("commandstats"))
            self.browser.call("Emulation.setScriptExecutionDisabled", value=True)
            self.browser.open(self.address, 'document.querySelectorAll("tbody tr").length > 20')
            text = self.browser.evaluate("document.body.innerText")
            for word in ("operations a second", "keys and values", "mget", "p99.9", "<b>load</b>", "max_memory"):
                self.assertIn(word, text)
            self.assertTrue(self.browser.evaluate('document.getElementById("live").offsetHeight === 0'))
            self.picture("without-javascript")

    def test_browser_asks_for_the_token_and_goes_on_with_it(self):
        self.daemon(health_token="t0psecret")
        self.browser.log_in("t0psecret")
        self.browser.open(self.address, DRAWN)
        text = self.browser.evaluate("document.documentElement.outerHTML")
        self.assertIn("health_token", text)
        self.assertNotIn("t0psecret", text)
        self.assertEqual([entry for entry in self.browser.complaints() if "401" not in entry], [])

    def test_token_may_stand_in_the_address(self):
        self.daemon(health_token="t0psecret")
        self.browser.open(self.address.replace("//", "//any:t0psecret@"), DRAWN)

    def test_wrong_token_shows_nothing(self):
        self.daemon(health_token="t0psecret")
        self.browser.log_in("wrong")
        self.browser.open(self.address, 'document.readyState === "complete" && location.protocol === "http:"')
        self.assertNotIn("max_memory", self.browser.evaluate("document.documentElement.outerHTML"))

    def test_a_daemon_that_has_gone_is_told(self):
        daemon = self.daemon()
        self.browser.open(self.address, DRAWN)
        daemon.stop()
        self.browser.wait('document.getElementById("state").textContent.startsWith("no answer")')
        self.assertTrue(self.browser.evaluate('document.getElementById("state").classList.contains("bad")'))


class StatusFigures(unittest.TestCase):
    """The same without a browser."""

    def get(self, address, **headers):
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
            return answer.read().decode()

    def test_slow_commands_and_clients_are_told_without_values(self):
        with Daemon(logging={"slowlog_log_slower_than": 0}) as daemon, daemon.connect() as client:
            client.ask("CLIENT", "SETNAME", "writer")
            client.ask("HOTKEYS", "START", "METRICS", "1", "NET")
            client.ask("SET", "visible-key", "hidden-value")
            client.ask("AUTH", "hidden-password")
            text = self.get(f"http://127.0.0.1:{daemon.http}/status.json")
            tables = {table["id"]: table["rows"] for table in json.loads(text)["tables"]}
            self.assertIn(["set", "visible-key", "writer"], [[row[0], row[2], row[5]] for row in tables["slow"]])
            self.assertEqual(tables["clients"][0][1], "writer")
            self.assertEqual([row[:2] for row in tables["hot"]], [["visible-key", "bytes"]])
            self.assertIn("health_check_port", [row[0] for row in tables["configuration"]])
            self.assertNotIn("hidden", text)

    def test_clients_are_ranked_by_what_they_hold(self):
        with Daemon() as daemon:
            clients = [self.enterContext(daemon.connect()) for _ in range(12)]
            for number, client in enumerate(clients):
                client.ask("CLIENT", "SETNAME", f"client-{number}")
                client.ask("MULTI")
                for _ in range(2 << number if number < 8 else 0):
                    client.ask("ECHO", "something")

            def names():
                tables = json.loads(self.get(f"http://127.0.0.1:{daemon.http}/status.json"))["tables"]
                return [row[1] for table in tables if table["id"] == "clients" for row in table["rows"]]

            # What a client holds is counted after its replies are sent.
            until(lambda: names()[:4] == ["client-7", "client-6", "client-5", "client-4"])
            self.assertEqual(len(names()), 10)

    def test_names_are_not_told_to_whom_another_name_leads_here(self):
        with Daemon() as daemon, daemon.connect() as client:
            client.ask("CLIENT", "SETNAME", "writer")
            text = self.get(f"http://127.0.0.1:{daemon.http}/", Host="evil.example")
            self.assertNotIn("writer", text)
            self.assertIn("shown where health_token is set", text)

    def test_token_is_a_password_to_curl(self):
        with Daemon(security={"health_token": "right"}) as daemon:
            address = f"http://127.0.0.1:{daemon.http}/"
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.get(address)
            self.assertIn("Basic", ", ".join(refused.exception.headers.get_all("WWW-Authenticate")))
            refused.exception.close()
            done = subprocess.run(["curl", "-fsS", "-u", "any:right", address], capture_output=True, text=True, check=True)
            self.assertIn("<title>Redistill</title>", done.stdout)


if __name__ == "__main__":
    unittest.main()
