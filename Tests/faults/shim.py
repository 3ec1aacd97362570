"""This file owns the shim from outside: it is built, given to a daemon, armed and read."""

import errno
import mmap
import os
import pathlib
import struct
import subprocess
import tempfile

from setting import HERE

SOURCE, LIBRARY = HERE / "shim.c", HERE / "bin" / "shim.so"
# In the order of `enum kind` in shim.c.
KINDS = ["none", "read", "recv", "write", "writev", "send", "sendmsg", "accept4", "epoll_wait", "epoll_ctl", "mmap", "mprotect",
         "madvise", "open", "fsync", "rename", "setsockopt", "socket", "bind", "listen", "eventfd", "pthread_create",
         "epoll_create1", "getrandom", "close", "fcntl", "unlink", "event_read", "event_write"]
SHORT = -1

# What each call may say while the daemon serves.
SERVING = {
    "recv": ["EINTR", "EAGAIN", "ENOMEM", "ECONNRESET", SHORT],
    "read": ["EINTR", "EAGAIN", "EIO", SHORT],
    "send": ["EINTR", "EAGAIN", "ENOBUFS", "EPIPE", SHORT],
    "sendmsg": ["EINTR", "EAGAIN", "ENOMEM", "ECONNRESET", SHORT],
    "write": ["EINTR", "ENOSPC", "EAGAIN", SHORT],
    "writev": ["EINTR", "EAGAIN", SHORT],
    "accept4": ["EINTR", "EAGAIN", "ECONNABORTED", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EPROTO"],
    "epoll_wait": ["EINTR", SHORT],
    "epoll_ctl": ["ENOMEM", "ENOSPC"],
    "mmap": ["ENOMEM"],
    "mprotect": ["ENOMEM"],
    "madvise": ["ENOMEM", "EAGAIN", "EINVAL"],
    "open": ["EMFILE", "EACCES", "EINTR", "ENOENT"],
    "fsync": ["EIO", "EINTR"],
    "rename": ["ENOSPC", "EACCES"],
    "unlink": ["EACCES"],
    "setsockopt": ["ENOBUFS", "EINVAL"],
    "close": ["EINTR", "EIO"],
    "fcntl": ["EINVAL"],
    "getrandom": ["EINTR", SHORT],
    "event_read": ["EINTR", "EAGAIN"],
    # EAGAIN would mean that it is full, and whoever is to be woken awake already.
    "event_write": ["EINTR"],
}
# And while it starts.
BOTH = ["read", "write", "epoll_ctl", "mmap", "mprotect", "madvise", "open", "setsockopt", "fcntl", "getrandom", "unlink"]
STARTING = {kind: [action for action in SERVING[kind] if action != "EAGAIN"] for kind in BOTH} | {
    "socket": ["EMFILE", "ENOBUFS", "EAFNOSUPPORT"], "bind": ["EADDRINUSE", "EACCES"], "listen": ["EADDRINUSE"],
    "eventfd": ["EMFILE", "ENOMEM"], "pthread_create": ["EAGAIN"], "epoll_create1": ["EMFILE"]}


def build():
    if not LIBRARY.exists() or LIBRARY.stat().st_mtime < SOURCE.stat().st_mtime:
        LIBRARY.parent.mkdir(exist_ok=True)
        made = LIBRARY.with_suffix(f".{os.getpid()}")
        subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-shared", "-fPIC",
                        "-o", made, SOURCE, "-ldl"], check=True)
        made.rename(LIBRARY)
    return LIBRARY


class Shim:
    """The page that is shared with one process."""

    FORMAT = "6q"

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="redistill-shim-")
        self.path = pathlib.Path(self.directory.name) / "control"
        self.path.write_bytes(bytes(4096))
        self.file = open(self.path, "r+b")
        self.page = mmap.mmap(self.file.fileno(), 4096)

    def environment(self):
        return {"LD_PRELOAD": str(build()), "SHIM_CONTROL": str(self.path)}

    def arm(self, kind, action, nth, all_after=False):
        number = action if action == SHORT else getattr(errno, action)
        # The kind comes last: it is what the process looks at.
        struct.pack_into("5q", self.page, 8, number, nth, int(all_after), 0, 0)
        struct.pack_into("q", self.page, 0, KINDS.index(kind))

    def disarm(self):
        """How many calls of its kind there were, and how many of them it struck."""
        struct.pack_into("q", self.page, 0, 0)
        return struct.unpack_from("2q", self.page, 32)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.page.close()
        self.file.close()
        self.directory.cleanup()
