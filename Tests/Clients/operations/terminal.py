"""This file owns a program at a terminal of its own, and what stands on the screen."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import pyte


class Terminal:
    """Starts a program at a pseudoterminal; `pyte` is the terminal."""

    def __init__(self, arguments, columns=80, rows=24, environment=None):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.master, slave = pty.openpty()
        self.size(columns, rows)
        self.before = termios.tcgetattr(slave)
        # Its controlling terminal, so that a change of size is a signal.
        self.process = subprocess.Popen(
            arguments, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, close_fds=True,
            env={**os.environ, "TERM": "xterm-256color", **(environment or {})},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.slave = slave

    def size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        self.size(columns, rows)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines())

    def read(self, seconds):
        """Draws what the program writes within so many seconds, and returns with the first of it."""
        if not select.select([self.master], [], [], seconds)[0]:
            return
        data = os.read(self.master, 1 << 16)
        self.written += data
        self.stream.feed(data)

    def until(self, condition, seconds=20, meanwhile=lambda: None):
        """Reads until the screen is as it should be; `meanwhile` is done again and again."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return
            meanwhile()
            self.read(0.05)
        raise AssertionError("the screen never was as it should be:\n" + self.text())

    def shows(self, *parts, **more):
        """Waits until all parts are on the screen at once."""
        self.until(lambda: all(part in self.text() for part in parts), **more)

    def end(self):
        """The exit code, after all that was written has been read."""
        self.until(lambda: self.process.poll() is not None)
        self.read(0)
        return self.process.returncode

    def settings_are_as_before(self):
        return termios.tcgetattr(self.slave) == self.before

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)
