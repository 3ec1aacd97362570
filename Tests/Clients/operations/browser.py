"""This file owns a headless Chromium for a test, spoken to by its own protocol (CDP) over a pair of pipes."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


def executable():
    return shutil.which("chromium") or shutil.which("chromium-browser")


def high(descriptor):
    """The same beyond those that the browser wants as its own."""
    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return copy


class Browser:
    """One page of a browser that remembers nothing. Ends with its `with` block."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="redistill-browser-")
        theirs_in, self.out = map(high, os.pipe())
        self.into, theirs_out = map(high, os.pipe())
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
                 f"--user-data-dir={self.directory}", "--remote-debugging-pipe", "about:blank"]
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash", executable(), *flags],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.directory})
        os.close(theirs_in)
        os.close(theirs_out)
        self.number, self.session, self.pending = 0, None, b""
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def read(self, seconds):
        """The next message, or none in that time."""
        end = time.monotonic() + seconds
        while b"\0" not in self.pending:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.into], [], [], left)[0]:
                return None
            piece = os.read(self.into, 1 << 16)
            if not piece:
                raise EOFError("the browser has gone")
            self.pending += piece
        message, self.pending = self.pending.split(b"\0", 1)
        return json.loads(message)

    def send(self, method, parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        return self.number

    def call(self, method, **parameters):
        number = self.send(method, parameters)
        while True:
            message = self.read(30)
            if message is None:
                raise TimeoutError(method)
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.note(message)

    def note(self, message):
        """An event is kept; a question for a name and password is answered at once."""
        if "method" not in message:
            return
        self.events.append(message)
        if message["method"] == "Fetch.authRequired":
            answer = {"response": "CancelAuth"}
            if self.credentials and message["params"]["requestId"] not in self.asked:
                self.asked.add(message["params"]["requestId"])
                answer = {"response": "ProvideCredentials", "username": "any", "password": self.credentials}
            self.send("Fetch.continueWithAuth",
                      {"requestId": message["params"]["requestId"], "authChallengeResponse": answer})
        elif message["method"] == "Fetch.requestPaused":
            self.send("Fetch.continueRequest", {"requestId": message["params"]["requestId"]})

    def log_in(self, password):
        """From now on who asks for a password gets this one, once; with None the question is cancelled."""
        self.credentials, self.asked = password, set()
        self.call("Fetch.enable", handleAuthRequests=True)

    def open(self, address, until):
        """Goes there, and waits until an expression is true."""
        self.events.clear()
        self.call("Page.navigate", url=address)
        self.wait(until)

    def wait(self, expression, seconds=30):
        end = time.monotonic() + seconds
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise AssertionError(f"not in time: {expression}\n{self.evaluate('document.body.innerText')}")
            message = self.read(0.1)
            if message:
                self.note(message)

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", expression))
        return result["result"].get("value")

    def named(self, method):
        """What is known of the events of that name since the page was opened."""
        return [event["params"] for event in self.events if event["method"] == method]

    def complaints(self):
        """What the console has, of the page's own errors and of the browser's."""
        thrown = [event["exceptionDetails"]["text"] for event in self.named("Runtime.exceptionThrown")]
        return thrown + [event["entry"]["text"] for event in self.named("Log.entryAdded")]

    def size(self, width, height, is_phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_phone)

    def picture(self, path):
        """The whole page."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.into)
        os.close(self.out)
        shutil.rmtree(self.directory, ignore_errors=True)
