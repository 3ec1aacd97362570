"""Image, Compose file and Helm chart, as far as they can be tried without an engine or a cluster: the chart is
rendered and its objects are checked against Kubernetes' schemas, the image's file system is made and the daemon runs in
it."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

try:
    import yaml
except ImportError:
    yaml = None

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "packaging/helm/redistill"
SPRIG = pathlib.Path("/usr/share/gocode/src/github.com/Masterminds/sprig")
GO = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": ""}


def daemon():
    candidates = [os.environ.get("REDISTILLD"), ROOT / ".build/release/redistilld", ROOT / ".build/debug/redistilld"]
    for path in candidates:
        if path and os.access(path, os.X_OK):
            return os.path.realpath(path)
    raise unittest.SkipTest("no daemon is built; REDISTILLD may name one")


def check_configuration(environment):
    return subprocess.run([daemon(), "--check-config"], capture_output=True, text=True, cwd="/", env=environment)


@unittest.skipUnless(SPRIG.exists() and shutil.which("go"), "golang-github-masterminds-sprig-dev is not installed")
@unittest.skipUnless(yaml, "python3-yaml is not installed")
class Chart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.program = f"{cls.folder.name}/chart"
        source = ROOT / "Tests/packaging/chart.go"
        subprocess.run(["go", "build", "-o", cls.program, source], check=True, env={**os.environ, **GO})

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def render(self, *values):
        return subprocess.run([self.program, CHART, "cache", *values], capture_output=True, text=True)

    def objects(self, *values):
        done = self.render(*values)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {(item["kind"], item["metadata"]["name"]): item for item in yaml.safe_load_all(done.stdout) if item}

    def test_all_objects_are_there(self):
        kinds = {kind for kind, _ in self.objects("auth.password=x", "serviceMonitor.enabled=true")}
        self.assertEqual(kinds, {"PodDisruptionBudget", "Secret", "Service", "ServiceMonitor", "StatefulSet"})
        kinds = {kind for kind, _ in self.objects("auth.existingSecret=mine", "podDisruptionBudget.enabled=false")}
        self.assertEqual(kinds, {"Service", "StatefulSet"})

    @unittest.skipUnless(shutil.which("kubernetes-validate"), "kubernetes-validate is not installed")
    def test_objects_are_what_kubernetes_takes(self):
        extra = ["nodeSelector={a: b}", "tolerations=[{key: a, operator: Exists}]", "affinity={nodeAffinity: {}}"]
        for name, item in self.objects("auth.password=x", *extra).items():
            with self.subTest(name), tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                yaml.safe_dump(item, file)
                file.flush()
                done = subprocess.run(
                    ["kubernetes-validate", "--strict", file.name], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_selectors_find_what_they_are_for(self):
        objects = self.objects("auth.password=x", "serviceMonitor.enabled=true")
        pod = objects["StatefulSet", "cache-redistill"]["spec"]["template"]
        for service in ["cache-redistill", "cache-redistill-pods"]:
            selector = objects["Service", service]["spec"]["selector"]
            self.assertLessEqual(selector.items(), pod["metadata"]["labels"].items())
        wanted = objects["ServiceMonitor", "cache-redistill"]["spec"]["selector"]["matchLabels"].items()
        found = [name for (kind, name), item in objects.items()
                 if kind == "Service" and wanted <= item["metadata"]["labels"].items()]
        self.assertEqual(found, ["cache-redistill"])

    def test_the_daemon_takes_its_environment(self):
        with tempfile.NamedTemporaryFile("w") as password:
            password.write("secret\n")
            password.flush()
            container = self.container("auth.password=x")
            environment = {item["name"]: item["value"] for item in container["env"]}
            environment["REDISTILL_PASSWORD_FILE"] = password.name
            done = check_configuration(environment)
            self.assertEqual(done.returncode, 0, done.stderr)
            known = (ROOT / "docs/configuration.md").read_text()
            for name in environment:
                key = name.removeprefix("REDISTILL_").lower()
                self.assertIn(f"| `{key}` |", known)

    def test_there_is_time_for_the_delay_and_the_end(self):
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        delay = int(values["config"]["shutdown_delay"].removesuffix("s"))
        self.assertGreater(values["terminationGracePeriodSeconds"], delay + 10)

    def test_without_a_password_it_says_what_to_set(self):
        done = self.render()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("auth.existingSecret", done.stderr)

    def container(self, *values):
        pod = self.objects(*values)["StatefulSet", "cache-redistill"]["spec"]["template"]["spec"]
        return pod["containers"][0]


@unittest.skipUnless(yaml, "python3-yaml is not installed")
class Compose(unittest.TestCase):
    def setUp(self):
        self.service = yaml.safe_load((ROOT / "packaging/compose.yml").read_text())["services"]["redistill"]

    def environment(self, **variables):
        """What Compose makes of the file with some variables set."""
        def value(match):
            name, default = match.group(1), match.group(3) or ""
            return variables.get(name) or default
        pattern = re.compile(r"\$\{(\w+)(:[-?])((?:[^}]|\}(?=\)))*)\}")
        return {name: pattern.sub(value, str(text)) for name, text in self.service["environment"].items()}

    def test_the_originals_variables_arrive(self):
        given = {"REDIS_PASSWORD": "p", "REDIS_PORT": "7000", "REDIS_BIND": "0.0.0.0", "REDIS_MAX_MEMORY": "1gb"}
        environment = self.environment(**given)
        self.assertLessEqual(given.items(), environment.items())
        done = check_configuration(environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(check_configuration(self.environment(REDIS_PASSWORD="p")).returncode, 0)

    def test_nothing_is_writable_or_privileged(self):
        self.assertTrue(self.service["read_only"])
        self.assertEqual(self.service["cap_drop"], ["ALL"])
        self.assertNotIn(self.service["user"].split(":")[0], ["0", "root"])

    def test_its_recipe_is_there(self):
        build = self.service["build"]
        self.assertTrue((ROOT / "packaging" / build["context"] / build["dockerfile"]).exists())


class Image(unittest.TestCase):
    RECIPE = ROOT / "packaging/oci/Containerfile"

    @unittest.skipUnless(shutil.which("hadolint"), "hadolint is not installed")
    def test_hadolint_has_no_complaint(self):
        done = subprocess.run(["hadolint", self.RECIPE], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_it_is_not_roots_and_looks_after_its_health(self):
        text = self.RECIPE.read_text()
        self.assertRegex(text, r"(?m)^USER [1-9]\d*")
        self.assertIn('CMD ["/usr/bin/redistilld", "--health-probe"]', text)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "only root can change the root")
    def test_the_daemon_runs_in_its_file_system_as_anybody(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            subprocess.run([ROOT / "packaging/oci/rootfs", daemon(), folder], check=True)
            files = [path.name for path in pathlib.Path(folder).rglob("*") if path.is_file()]
            self.assertFalse({"sh", "bash", "busybox"} & set(files), files)
            port = self.free_port()
            environment = {"REDIS_BIND": "127.0.0.1", "REDIS_PORT": "0", "REDIS_HEALTH_CHECK_PORT": str(port)}
            # Read-only, and as a user that the image does not know.
            inside = ["chroot", "--userspec=12345:12345", folder, "/usr/bin/redistilld"]
            # Swift reads the command line from /proc, which every engine mounts.
            mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && '
            mount += 'mount -t proc none "$0/proc" && exec "$@"'
            command = ["unshare", "--mount", "sh", "-c", mount, folder, *inside]
            environment["PATH"] = os.environ["PATH"]
            process = subprocess.Popen(
                command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                line = process.stdout.readline()
                self.assertIn("ready on", line, line or process.stderr.read())
                probe = subprocess.run(
                    command + ["--health-probe"], env=environment, capture_output=True, text=True)
                self.assertEqual((probe.returncode, probe.stdout), (0, "live\n"), probe.stderr)
                process.terminate()
                self.assertEqual(process.wait(20), 0)
                probe = subprocess.run(
                    command + ["--health-probe"], env=environment, capture_output=True, text=True)
                self.assertEqual(probe.returncode, 1)
            finally:
                process.kill()
                process.communicate()

    def free_port(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return listener.getsockname()[1]


if __name__ == "__main__":
    unittest.main()
