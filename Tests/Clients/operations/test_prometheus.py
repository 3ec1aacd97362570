"""Debian's Prometheus scrapes the daemon, and what stands in packaging/ for it is understood by it: rules, dashboard."""

import json
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from configured import ROOT, Daemon, free_port, until

PACKAGING = ROOT / "packaging"
RULES = PACKAGING / "prometheus/rules.yml"
DASHBOARD = PACKAGING / "grafana/redistill.json"
# Debian's 2.42 asks like this.
ACCEPT = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
          "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")

is_there = unittest.skipUnless(shutil.which("prometheus") and shutil.which("promtool"),
                               "the package prometheus is not installed: .ci/apt prometheus")


def fetch(address, **headers):
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def dashboard_expressions():
    """Every query of the dashboard, with its variables filled in."""
    dashboard = json.loads(DASHBOARD.read_text())
    places = [target for panel in dashboard["panels"] for target in panel.get("targets", [])]
    places += dashboard["annotations"]["list"]
    fill = {"$__rate_interval": "1m", "$__interval": "1m", "$job": ".*", "$instance": ".*"}
    for place in places:
        expression = place["expr"]
        for name, value in fill.items():
            expression = expression.replace(name, value)
        yield expression


def metric_names(text):
    return set(re.findall(r"\bredistill_[a-z_]+", text))


class Files(unittest.TestCase):
    def promtool(self, *arguments, text=None):
        done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stderr, "")

    @is_there
    def test_rules_are_valid_and_fire_when_they_should(self):
        self.promtool("check", "rules", str(RULES))
        self.promtool("test", "rules", str(RULES.with_name("rules.test.yml")))

    def test_every_alert_has_a_case_that_fires_and_one_that_does_not(self):
        alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
        cases = RULES.with_name("rules.test.yml").read_text()
        document = (ROOT / "docs/operations.md").read_text()
        for alert in alerts:
            self.assertRegex(cases, rf"alertname: {alert}\n +exp_alerts:\n", alert)
            self.assertRegex(cases, rf"alertname: {alert}\n +exp_alerts: \[\]", alert)
            self.assertTrue(f"`{alert}`" in document, alert)

    def test_what_rules_and_dashboard_ask_for_exists(self):
        page = (ROOT / "docs/metrics.md").read_text()
        known = set(re.findall(r"^\| `(\w+)`", page, re.M))
        known |= {name + suffix for name in known for suffix in ["_bucket", "_count", "_sum"]
                  if re.search(rf"`{name}` \| histogram", page)}
        asked = metric_names(RULES.read_text()) | metric_names(DASHBOARD.read_text())
        self.assertGreater(len(asked), 30)
        self.assertEqual(asked - known, set())

    def test_the_dashboard_is_one_that_grafana_takes(self):
        dashboard = json.loads(DASHBOARD.read_text())
        numbers = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(numbers), len(set(numbers)))
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24)
            if panel["type"] != "row":
                self.assertTrue(panel["targets"] and panel["description"], panel["title"])

    @is_there
    def test_metrics_are_as_the_conventions_say(self):
        with Daemon() as daemon:
            daemon.ask("NOSUCH")
            _, text = fetch(f"http://127.0.0.1:{daemon.http}/metrics")
        self.promtool("check", "metrics", text=text)

    def test_both_forms_tell_the_same(self):
        with Daemon() as daemon:
            daemon.ask("NOSUCH")
            address = f"http://127.0.0.1:{daemon.http}/metrics"
            kind, text = fetch(address)
            self.assertTrue(kind.startswith("text/plain; version=0.0.4"), kind)
            open_kind, open_text = fetch(address, Accept=ACCEPT)
        self.assertTrue(open_kind.startswith("application/openmetrics-text; version=1.0.0"), open_kind)
        plain = {sample.name for family in plain_text(text) for sample in family.samples}
        families = list(open_metrics(open_text))
        self.assertEqual({sample.name for family in families for sample in family.samples}, plain)
        units = {family.name: family.unit for family in families if family.unit}
        self.assertEqual(units["redistill_memory_used_bytes"], "bytes")
        self.assertEqual(units["redistill_command_duration_seconds"], "seconds")
        self.assertEqual({family.type for family in families}, {"counter", "gauge", "histogram", "info"})


@is_there
class Scraped(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon())
        directory = self.enterContext(tempfile.TemporaryDirectory(prefix="redistill-prometheus-"))
        self.port = free_port()
        shutil.copy(RULES, directory)
        configuration = {
            "global": {"scrape_interval": "200ms", "evaluation_interval": "200ms"}, "rule_files": ["rules.yml"],
            "scrape_configs": [{"job_name": "redistill",
                                "static_configs": [{"targets": [f"127.0.0.1:{self.daemon.http}"]}]}],
        }
        with open(f"{directory}/prometheus.yml", "w") as file:
            json.dump(configuration, file)  # which is YAML, too
        self.log = self.enterContext(open(f"{directory}/log", "w+"))
        self.prometheus = subprocess.Popen(
            ["prometheus", f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address=127.0.0.1:{self.port}"], stderr=self.log)
        self.addCleanup(self.prometheus.wait)
        self.addCleanup(self.prometheus.kill)
        until(self.answers, 30)

    def ask(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        answer = json.loads(fetch(f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}")[1])
        self.assertEqual(answer["status"], "success", parameters)
        return answer["data"]

    def answers(self):
        try:
            return self.ask("query", query="1")
        except OSError:
            return False

    def value(self, expression):
        results = self.ask("query", query=expression)["result"]
        return float(results[0]["value"][1]) if results else None

    def test_prometheus_has_what_the_daemon_tells(self):
        self.daemon.ask("SET", "k", "v")
        self.daemon.ask("NOSUCH")
        until(lambda: self.value("redistill_keys") == 1, 20)
        self.assertEqual(self.value('redistill_errors_total{code="ERR"}'), 1)
        target = self.ask("targets")["activeTargets"][0]
        self.assertEqual((target["health"], target["lastError"]), ("up", ""))
        # Types and units come with OpenMetrics alone.
        metadata = self.ask("metadata", metric="redistill_memory_used_bytes")
        self.assertEqual(metadata["redistill_memory_used_bytes"][0]["unit"], "bytes")
        self.assertEqual(self.ask("metadata", metric="redistill_build")["redistill_build"][0]["type"], "info")
        for expression in dashboard_expressions():
            with self.subTest(expression=expression):
                self.ask("query", query=expression)

        def rules():
            return self.ask("rules")["groups"][0]["rules"]
        until(lambda: all(rule["health"] != "unknown" for rule in rules()))
        for rule in rules():
            self.assertEqual((rule["health"], rule.get("lastError", "")), ("ok", ""), rule["name"])
            self.assertNotEqual(rule["state"], "firing", rule["name"])
        self.log.seek(0)
        self.assertNotIn("level=error", self.log.read())

    def test_a_daemon_that_has_gone_is_down(self):
        until(lambda: self.value("up") == 1, 20)
        self.daemon.stop()
        until(lambda: self.value("up") == 0, 20)


if __name__ == "__main__":
    unittest.main()
