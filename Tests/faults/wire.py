"""This file owns a bad network: two network namespaces, and a wire between them that delays, loses and reorders packets.

The kernel's own netem is not everywhere (and not in the kernel of our CI machines), so the wire is a process that holds a
TUN device in each namespace and carries packets from one to the other. Its dice have a seed.
"""

import contextlib
import ctypes
import fcntl
import heapq
import multiprocessing
import os
import random
import select
import struct
import subprocess
import time
from dataclasses import dataclass

TUNSETIFF, IFF_TUN, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 0x0001, 0x1000, 0x40000000
NEAR, FAR = "10.77.0.1", "10.77.0.2"


@dataclass
class Quality:
    """Seconds, and shares of packets from 0 to 1."""

    delay: float = 0
    jitter: float = 0
    loss: float = 0
    reorder: float = 0  # of these, each waits for four times the delay
    down: bool = False


def usable():
    return os.geteuid() == 0 and os.path.exists("/dev/net/tun") and not subprocess.run(
        "command -v ip && unshare --net true", shell=True, capture_output=True).returncode


def enter(path):
    """This thread goes into the network namespace of that path; what it opens there stays there."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {path}")
    finally:
        os.close(descriptor)


class Wire:
    def __init__(self, quality=None, seed=1):
        self.names = [f"rdf{os.getpid()}-{side}" for side in ("near", "far")]
        self.quality, self.seed = quality or Quality(), seed
        self.process = None

    def path(self, side):
        return f"/run/netns/{self.names[side]}"

    def __enter__(self):
        try:
            for name in self.names:
                self._ip("netns", "add", name)
            self.ours, theirs = multiprocessing.Pipe()
            self.process = multiprocessing.get_context("fork").Process(target=self._carry, args=(theirs,), daemon=True)
            self.process.start()
            self.ours.recv()  # the devices are there
            for side, address in enumerate((NEAR, FAR)):
                self._inside(side, "addr", "add", f"{address}/30", "dev", "wire")
                self._inside(side, "link", "set", "wire", "up")
                self._inside(side, "link", "set", "lo", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.join()
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    def becomes(self, **changes):
        """Another quality from now on."""
        for name, value in changes.items():
            setattr(self.quality, name, value)
        self.ours.send(self.quality)

    def cable(self, plugged):
        """The far device itself goes down or up, as when a cable is pulled."""
        self._inside(1, "link", "set", "wire", "up" if plugged else "down")

    @contextlib.contextmanager
    def near(self):
        """What is opened in this block is in the near namespace."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            enter(self.path(0))
            yield
        finally:
            ctypes.CDLL(None).setns(home, CLONE_NEWNET)
            os.close(home)

    @staticmethod
    def _ip(*arguments):
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    def _inside(self, side, *arguments):
        self._ip("-n", self.names[side], *arguments)

    def _carry(self, pipe):
        devices = []
        for side in (0, 1):
            enter(self.path(side))
            device = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"wire", IFF_TUN | IFF_NO_PI))
            os.set_blocking(device, False)
            devices.append(device)
        pipe.send("ready")
        dice, quality, waiting, number = random.Random(self.seed), self.quality, [], 0
        while True:
            pause = max(0, waiting[0][0] - time.monotonic()) if waiting else None
            ready, _, _ = select.select([*devices, pipe], [], [], pause)
            if pipe in ready:
                quality = pipe.recv()
            for side in (0, 1):
                if devices[side] in ready:
                    packet = os.read(devices[side], 65536)
                    if quality.down or dice.random() < quality.loss:
                        continue
                    wait = quality.delay + dice.uniform(0, quality.jitter)
                    wait *= 4 if dice.random() < quality.reorder else 1
                    number += 1
                    heapq.heappush(waiting, (time.monotonic() + wait, number, devices[1 - side], packet))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, device, packet = heapq.heappop(waiting)
                with contextlib.suppress(OSError):  # its side is down
                    os.write(device, packet)
