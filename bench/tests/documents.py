"""This file owns made-up results: small documents whose figures a test can choose."""


def contender(name: str, ratio: float = 1, spread: float = 0.02, **figures) -> dict:
    """A server that takes `ratio` times the baseline's CPU time; the quarters lie `spread` to both sides."""
    total, operations = 400 * ratio, 2_000_000 / ratio
    return {
        "name": name, "hits": 1.0, "ops_per_s": operations, "ops_quarters": around(operations, spread),
        "total_ns": total, "total_ns_quarters": around(total, spread), "user_ns": total / 4,
        "system_ns": total * 3 / 4,
        "p50_us": 100, "p99_us": 200, "p99.9_us": 300, "busy": 0.99, "stolen": 0.001, "ratio": ratio,
        "ratio_quarters": around(ratio, spread), "server_command": f"{name} --port 1", "load_command": "bench-load",
        "slices": [{"stolen_s": 0.01, "seconds": 0.5}] * 6,
    } | figures


def around(value: float, spread: float) -> list[float]:
    return [value * (1 - spread), value * (1 + spread)]


def part(*contenders: dict, name: str = "p16", **workload) -> dict:
    return {
        "workload": {"name": name, "title": f"{name} <title>", "pipeline": 16, "connections": 50, "value_size": 64,
                     "set_share": 0.1, "keys": 1_000_000, "key_size": 16} | workload,
        "driver": "bench-load", "baseline": "redistill",
        "contenders": [contender("redistill", 1, 0), *contenders],
    }


def document(*parts: dict, **sections) -> dict:
    return {
        "format": 1, "quick": False, "seconds": 61.0, "command": "bench/compare --output x",
        "machine": {"date": "2026-11-26T00:00:00Z", "processor": "EPYC", "cores": 2, "kernel": "6.18",
                    "load_average": 0.5, "commit": "abc1234", "uncommitted_changes": False, "virtual": "kvm",
                    "memory_bytes": 8 << 30},
        "versions": {"redistill": "redistilld 0.1.0", "redis": "7.0.15"}, "throughput": list(parts),
    } | sections
