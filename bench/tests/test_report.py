"""A written report: its files, what is left out, what is escaped; and comparison with an earlier run."""

import copy
import importlib.util
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from harness.errors import BenchError
from harness.report import against, read, readme_charts, write
from tests.documents import contender, document, part

DRAWS = importlib.util.find_spec("matplotlib") is not None
MEMORY = [{"value_size": 64, "key_size": 16, "ttl": ttl, "keys": 1000,
           "contenders": [{"name": name, "bytes_per_item": 80 + over, "overhead_bytes": over}
                          for name, over in (("redistill", 20), ("redis", 90))]} for ttl in (False, True)]


class InFolder(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name) / "new"


class Report(InFolder):
    def write(self, one: dict) -> tuple[str, str]:
        write(one, self.folder)
        return (self.folder / "report.html").read_text(), (self.folder / "report.md").read_text()

    def test_missing_sections_are_one_line_each(self):
        _, text = self.write(document(part(contender("redis", 2))))
        self.assertEqual(text.count("Not measured in this run."), 6)

    def test_nothing_measured_is_still_a_report(self):
        _, text = self.write(document())
        self.assertEqual(text.count("Not measured in this run."), 8)

    def test_the_share_of_hits_stands_in_every_throughput_table(self):
        parts = [part(contender("redis", 2, hits=0.875)),
                 part(contender("redis", 2, hits=None), name="sets", set_share=1),
                 part(contender("redis", 2, hits=None), name="unknown")]
        _, text = self.write(document(*parts))
        self.assertEqual(text.count("GETs that hit"), 3)
        for words in ("87.5 %", "no GETs", "not known"):
            self.assertIn(words, text)

    def test_more_system_calls_than_redis_are_said(self):
        counted = {"workload": part()["workload"], "contenders": [
            {"name": "redistill", "calls_per_operation": 0.25}, {"name": "redis", "calls_per_operation": 0.125}]}
        _, text = self.write(document(calls=[counted]))
        self.assertIn("Redistill 0.250, Redis 0.125. Redistill makes more than Redis.", text)

    def test_a_longer_tail_at_one_rate_is_said_and_drawn(self):
        tails = {"workload": part()["workload"], "rate_of": "redis", "share": 0.75, "offered_ops_per_s": 500_000,
                 "contenders": [{"name": "redistill", "p50_us": 10, "p99.9_us": 900, "achieved_ops_per_s": 500_000},
                                {"name": "redis", "p50_us": 20, "p99.9_us": 300, "achieved_ops_per_s": 499_000}]}
        page, text = self.write(document(same_rate=[tails]))
        self.assertIn("Redistill 900 us, Redis 300 us. Redistill lets wait longer than Redis.", text)
        self.assertIn("75 % of what Redis can do at most", text)
        self.assertEqual("<svg" in page, DRAWS)

    def test_markup_in_names_is_escaped(self):
        page, text = self.write(document(part(contender("<b>x|y", 2))))
        self.assertNotIn("<b>x", page)
        self.assertIn("&lt;b&gt;x|y", page)
        self.assertIn("\\<b>x\\|y", text)

    def test_the_page_needs_nothing_from_elsewhere(self):
        page, _ = self.write(document(part(contender("redis", 2)), memory=MEMORY))
        for word in ("<script", "src=", "@import", "url(http"):
            self.assertNotIn(word, page)

    def test_commands_and_how_to_repeat_it_are_told(self):
        page, text = self.write(document(part(contender("redis", 2))))
        for words in ("redis --port 1", "git checkout abc1234", "bench/compare --output x"):
            self.assertIn(words, page)
            self.assertIn(words, text)

    def test_uncommitted_changes_and_quick_runs_are_doubted(self):
        one = document(part(contender("redis", 2)), quick=True)
        one["machine"]["uncommitted_changes"] = True
        page, _ = self.write(one)
        self.assertIn("quick run", page)
        self.assertIn("cannot be repeated", page)

    def test_without_matplotlib_all_else_is_written(self):
        with mock.patch("harness.report.writing.pyplot", side_effect=BenchError("matplotlib is missing")):
            written = write(document(part(contender("redis", 2))), self.folder)
        self.assertEqual([path.name for path in written], ["report.html", "report.md", "results.json"])
        self.assertIn("Charts are left out: matplotlib is missing.", (self.folder / "report.md").read_text())

    def test_the_figures_are_written_as_they_came(self):
        one = document(part(contender("redis", 2)))
        write(one, self.folder)
        self.assertEqual(read(self.folder / "results.json"), one)

    def test_other_formats_are_refused(self):
        for wrong in (document() | {"format": 2}, {}, [], document({"driver": "x"})):
            with self.assertRaises(BenchError) as refused:
                write(wrong, self.folder)
            self.assertNotIn("\n", str(refused.exception))


@unittest.skipUnless(DRAWS, "matplotlib is missing")
class Charts(InFolder):
    def test_each_chart_is_a_drawing_and_a_picture(self):
        names = {path.name for path in write(document(part(contender("redis", 2)), memory=MEMORY), self.folder)}
        self.assertEqual(names, {"report.html", "report.md", "results.json", "throughput.svg", "throughput.png",
                                 "cpu.svg", "cpu.png", "memory.svg", "memory.png"})

    def test_the_same_figures_make_the_same_drawing(self):
        one, drawn = document(part(contender("redis", 2))), []
        for _ in range(2):
            write(one, self.folder)
            drawn.append((self.folder / "cpu.svg").read_bytes())
        self.assertEqual(*drawn)

    def test_charts_for_the_readme_are_of_what_was_measured(self):
        written = readme_charts(document(memory=MEMORY), self.folder)
        self.assertEqual([path.name for path in written], ["memory-per-item.svg"])

    def test_a_server_that_nobody_knows_is_drawn_too(self):
        strangers = [contender(f"new{number}", 2) for number in range(6)]
        write(document(part(contender("redis", 2), *strangers)), self.folder)
        self.assertTrue((self.folder / "cpu.png").exists())


class Against(unittest.TestCase):
    def rows(self, now: dict, before: dict) -> dict[str, str]:
        lines = against(document(now), document(before)).splitlines()
        cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| p16")]
        return {row[1]: " ".join(row[2:]) for row in cells}

    def test_less_cpu_time_than_before(self):
        found = self.rows(part(contender("redis", 2.5)), part(contender("redis", 2)))
        self.assertIn("-20.0 % (0.50 to 0.40)", found["Redistill"])

    def test_more_cpu_time_than_before(self):
        found = self.rows(part(contender("redis", 2)), part(contender("redis", 2.5)))
        self.assertIn("+25.0 % (0.40 to 0.50)", found["Redistill"])

    def test_overlapping_quarters_show_no_difference(self):
        found = self.rows(part(contender("redis", 2.02)), part(contender("redis", 2)))
        self.assertIn("no difference shown (0.50 to 0.50)", found["Redistill"])

    def test_a_machine_that_drifts_changes_only_the_absolute_figures(self):
        before, now = part(contender("redis", 2)), part(contender("redis", 2))
        for one in now["contenders"]:
            one["total_ns"] *= 1.5
            one["total_ns_quarters"] = [value * 1.5 for value in one["total_ns_quarters"]]
        found = self.rows(now, before)
        self.assertIn("no difference shown (0.50 to 0.50) +50.0 % (400 to 600)", found["Redistill"])

    def test_without_redis_only_the_absolute_figures_remain(self):
        found = self.rows(part(contender("valkey", 2)), part(contender("valkey", 3)))
        self.assertIn("-33.3 % (1,200 to 800)", found["Valkey"])

    def test_what_is_not_in_both_is_said(self):
        said = against(document(part(contender("redis", 2)), part(name="new")),
                       document(part(contender("valkey", 2)), part(name="old"), part(name="other")))
        self.assertIn("Redis was not in the earlier run", said)
        self.assertIn("new <title>: not in the earlier run.", said)
        self.assertIn("old <title>: only in the earlier run.", said)

    def test_another_workload_of_that_name_is_not_compared(self):
        said = against(document(part()), document(part(connections=160)))
        self.assertIn("not compared", said)
        self.assertIn("No workload was measured in both runs.", said)

    def test_another_machine_or_redis_is_said(self):
        before = document(part(contender("redis", 2)))
        before["machine"]["processor"] = "another"
        before["versions"]["redis"] = "7.2"
        said = against(document(part(contender("redis", 2))), before)
        self.assertIn("Another machine", said)
        self.assertIn("Another version of Redis", said)

    def test_neither_document_is_changed(self):
        now, before = document(part(contender("redis", 2))), document(part(contender("redis", 3)))
        kept = copy.deepcopy([now, before])
        against(now, before)
        self.assertEqual([now, before], kept)

    def test_other_formats_are_refused_in_one_line(self):
        with self.assertRaisesRegex(BenchError, "^the earlier document is of format 7; format 1 "):
            against(document(), document() | {"format": 7})


class Read(InFolder):
    def test_what_is_no_result_is_refused_in_one_line(self):
        self.folder.mkdir()
        for text in ("", "{", "[]", "3", json.dumps({"format": 2}), json.dumps({"results": []})):
            path = self.folder / "results.json"
            path.write_text(text)
            with self.assertRaises(BenchError) as refused:
                read(path)
            self.assertNotIn("\n", str(refused.exception))

    def test_no_file(self):
        with self.assertRaisesRegex(BenchError, "No such file"):
            read(self.folder / "none.json")


if __name__ == "__main__":
    unittest.main()
