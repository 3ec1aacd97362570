"""The rows of workloads.json, and which servers can run them."""

import json
import unittest
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from harness import workloads
from harness.errors import BenchError
from harness.servers import KINDS, ServerKind, server_of
from harness.workloads import Workload, floor_workloads, load_workloads

PLAIN = Workload("w", pipeline=1, connections=50, value_size=64, set_share=0.1)


class Rows(unittest.TestCase):
    def test_each_has_a_title_and_a_name_of_its_own(self):
        rows = load_workloads(None)
        self.assertTrue(all(row.title for row in rows))
        self.assertEqual(len({row.name for row in rows}), len(rows))
        self.assertEqual(len({row.title for row in rows}), len(rows))

    def test_floor_runs_those_that_have_a_ceiling(self):
        names = [row.name for row in floor_workloads(None)]
        self.assertEqual(names, ["p1", "p16", "p64", "p30-256", "p16-set"])
        self.assertEqual([row.name for row in floor_workloads(["v8"])], ["v8"])
        self.assertEqual(names, [row.name for row in load_workloads(None) if row.ceiling])

    def test_few_are_quick(self):
        quick = [row.name for row in load_workloads(None) if row.quick]
        self.assertEqual(quick, ["p1", "p16", "p64", "p16-set", "v1k"])

    def test_names_choose(self):
        self.assertEqual([row.name for row in load_workloads(["full", "p1"])], ["p1", "full"])
        with self.assertRaisesRegex(BenchError, "no workload p2; there are"):
            load_workloads(["p1", "p2"])

    def test_unknown_field_is_named(self):
        row = {"name": "odd", "colour": "red"}
        with mock.patch.object(workloads, "document", lambda: {"workloads": [row]}):
            with self.assertRaisesRegex(BenchError, "odd: there is no colour"):
                load_workloads(None)

    def test_describe_tells_what_is_asked_for(self):
        told = {row.name: row.describe() for row in load_workloads(None)}
        self.assertEqual(told["p16"], "P=16, 50 connections, 10% SET, 64 B values, 1,000,000 uniform keys of 16 B")
        self.assertEqual(told["reconnect"], "P=1, a connection for each, PING")
        self.assertIn("MGET of 10", told["mget-10"])
        self.assertIn("limit 128 MiB, allkeys-lru", told["full"])


class Servers(unittest.TestCase):
    def test_everything_runs_on_redistill_and_redis(self):
        for name in ("redistill", "redis"):
            self.assertEqual([row.name for row in load_workloads(None) if row.unable(KINDS[name])], [])

    def test_what_others_can_t_do_is_said(self):
        unable = {name: {row.name: row.unable(KINDS[name]) for row in load_workloads(None) if row.unable(KINDS[name])}
                  for name in ("memcached", "floor")}
        self.assertEqual(set(unable["memcached"]), {"multi-10", "password"})
        self.assertEqual(set(unable["floor"]), {"full"})
        with self.assertRaisesRegex(BenchError, "w: memcached can't be given a password"):
            replace(PLAIN, password="x").server_options(KINDS["memcached"])

    def test_limit_reaches_each_in_its_own_unit(self):
        full = replace(PLAIN, limit_mib=64)
        self.assertIn("67108864", full.server_options(KINDS["redis"])["arguments"])
        self.assertEqual(full.server_options(KINDS["memcached"])["arguments"], ["-m", "64"])

    def test_password_that_has_no_flag_goes_through_a_file(self):
        with TemporaryDirectory() as directory:
            arguments = KINDS["redistill"].password_arguments("secret", Path(directory))
            self.assertEqual(Path(arguments[1]).read_text(), "secret\n")

    def test_another_build_is_known_by_its_program(self):
        with mock.patch("shutil.which", lambda program: program):
            old = server_of("old=/elsewhere/redistilld-old --port {port}")
            other = server_of("other=something --port {port}")
        self.assertEqual((old.name, old.limited, old.password), ("old", *limits_of(KINDS["redistill"])))
        self.assertEqual(replace(PLAIN, limit_mib=1).unable(other), "can't be given a memory limit")


def limits_of(kind: ServerKind) -> tuple:
    return kind.limited, kind.password


class File(unittest.TestCase):
    def test_is_json_with_one_row_a_line(self):
        text = workloads.PATH.read_text()
        rows = [line for line in text.splitlines() if line.strip().startswith('{"name"')]
        self.assertEqual(len(rows), len(json.loads(text)["workloads"]))
