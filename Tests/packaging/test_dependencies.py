"""The record of versions names what is built of, and the changes name the version that is built."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| \[(\S+)\]\((\S+)\) \| (\S+) \| ([0-9a-f]{40}) \|", re.M)


def numbers(version):
    return [int(part) for part in version.split(".")]


class Dependencies(unittest.TestCase):
    def setUp(self):
        self.rows = {url: (version, commit) for _, url, version, commit in
                     ROW.findall((ROOT / "docs/dependencies.md").read_text())}

    def test_each_package_is_recorded_with_a_version_that_is_allowed(self):
        asked = re.findall(r'\.package\(url: "([^"]+)", from: "([^"]+)"\)', (ROOT / "Package.swift").read_text())
        self.assertEqual(sorted(self.rows), sorted(url for url, _ in asked))
        for url, least in asked:
            self.assertGreaterEqual(numbers(self.rows[url][0]), numbers(least), url)

    def test_what_is_built_of_is_not_older_than_the_record(self):
        """A newer one came since, which is no fault of this tree: it is told, and the record is renewed."""
        resolved = ROOT / "Package.resolved"
        if not resolved.exists():
            self.skipTest("nothing is built yet")
        for pin in json.loads(resolved.read_text())["pins"]:
            version, commit = self.rows[pin["location"]]
            built = pin["state"]
            self.assertGreaterEqual(numbers(built["version"]), numbers(version), pin["location"])
            if built["version"] == version:
                self.assertEqual(built["revision"], commit, "a version's tag was moved: " + pin["location"])
            else:
                print(f"note: docs/dependencies.md has {version} of {pin['location']}, built of {built['version']}")

    def test_changes_begin_with_the_version(self):
        source = (ROOT / "Sources/Redistill/Version.swift").read_text()
        version = re.search(r'redistill = "([^"]+)"', source).group(1)
        newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.M).group(1)
        self.assertEqual(newest, version)
        chart = (ROOT / "packaging/helm/redistill/Chart.yaml").read_text()
        self.assertIn(f"version: {version}\n", chart)
        self.assertIn(f'appVersion: "{version}"\n', chart)


if __name__ == "__main__":
    unittest.main()
