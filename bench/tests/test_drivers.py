"""What is read of the output of load programs that are not ours."""

import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.drivers import memtier_benchmark, read_memtier_benchmark, read_redis_benchmark
from harness.servers import KINDS, RunningServer
from harness.system_calls import count_of
from harness.workloads import Workload

WORKLOAD = Workload("w", pipeline=16, connections=50, value_size=64, set_share=1.0)


class Output(unittest.TestCase):
    def test_memtier_writes_its_figures_where_its_progress_is_not(self):
        with TemporaryDirectory() as directory:
            out = Path(directory) / "figures"
            command = memtier_benchmark(RunningServer(KINDS["redis"], 1, 6379, "", 0), WORKLOAD, 800_000, out)
            self.assertEqual(command[command.index("--json-out-file") + 1], str(out))
            out.write_text('{"ALL STATS": {"Totals": {"Ops/sec": 1234.5}}}')
            self.assertEqual(read_memtier_benchmark("[RUN #1 50%] {not JSON", out), 1234.5)

    def test_redis_benchmark_s_last_row_counts(self):
        printed = '"test","rps","avg_latency_ms"\n"SET","100.5","0.1"\n"GET","250.0","0.1"\n'
        self.assertEqual(read_redis_benchmark(printed, Path("unused")), 250.0)

    def test_perf_s_count_is_read_and_its_refusal_is_none(self):
        self.assertEqual(count_of("# started\n\n1234,,raw_syscalls:sys_enter,10,100.00,,\n"), 1234)
        self.assertIsNone(count_of("<not supported>,,raw_syscalls:sys_enter,0,100.00,,\n"))
        self.assertIsNone(count_of("perf: no permission\n"))
