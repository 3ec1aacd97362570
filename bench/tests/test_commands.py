"""How bench commands begin and end: wrong arguments, a reader that goes; and the trace that they fall back on."""

import argparse
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from harness.arguments import listed, new_file, number, one_of, whole
from harness.errors import BenchError
from harness.hits import SMALL_TRACE, trace_load
from harness.servers import BENCH

COMMANDS = ("floor", "tls", "scaling")
PRINTS = "from harness.main import run_command\nrun_command(lambda: [print('x' * 1000) for _ in range(9999)] and 0)"


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=BENCH, timeout=60)


class Arguments(unittest.TestCase):
    def test_within_bounds(self):
        self.assertEqual(whole(1)("12"), 12)
        self.assertEqual(number(0, 1)("0.5"), 0.5)
        self.assertEqual(listed(whole(0))("8, 64"), [8, 64])
        self.assertEqual(listed(whole(0), empty=True)(""), [])

    def test_outside(self):
        for parse, text in ((whole(1), "0"), (whole(1), "1.5"), (whole(1, 9), "10"), (number(0), "nan"),
                            (number(0), "inf"), (number(0), "-1"), (listed(whole(0)), ""), (listed(whole(0)), "1,"),
                            (one_of(("a", "b")), "c"), (new_file, "/nowhere/x"), (new_file, "/tmp")):
            with self.assertRaises(argparse.ArgumentTypeError, msg=text):
                parse(text)


class Ends(unittest.TestCase):
    def test_a_wrong_argument_is_one_line_and_exit_code_2(self):
        for name in COMMANDS:
            done = run(name, "--rounds", "0")
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)

    def test_a_reader_that_goes_is_one_line(self):
        with subprocess.Popen([sys.executable, "-c", PRINTS], cwd=BENCH, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            process.stdout.readline()
            process.stdout.close()
            said = process.stderr.read()
        self.assertEqual((process.returncode, said.count("\n")), (141, 1), said)

    def test_an_error_of_the_system_is_one_line(self):
        done = run("-c", "from harness.main import run_command\nrun_command(lambda: open('/nowhere/x'))")
        self.assertEqual((done.returncode, done.stderr), (2, "-c: /nowhere/x: No such file or directory\n"))


class Trace(unittest.TestCase):
    def test_the_one_in_the_repository_is_what_its_script_makes(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "trace"
            self.assertEqual(run("traces/make", "--output", str(path)).returncode, 0)
            self.assertEqual(path.read_bytes(), SMALL_TRACE.read_bytes())

    def test_it_is_read(self):
        self.assertEqual(len(trace_load(SMALL_TRACE).requests), 16_000)

    def test_what_is_no_trace_is_refused(self):
        with self.assertRaisesRegex(BenchError, "no oracleGeneral trace"):
            trace_load(BENCH / "README.md")


if __name__ == "__main__":
    unittest.main()
