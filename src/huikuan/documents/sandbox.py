"""What the rendering process gives up before it reads the first document: network, other programs, memory, time.

On Linux a seccomp filter refuses every system call that opens a connection or starts a program; elsewhere only the
limits hold, and the compiler is pointed to an empty folder of packages, so that it has nothing to fetch.
"""

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from contextlib import suppress
from typing import Final

MEMORY_MAX: Final = 3 * 1024**3
"""Bytes of address space: fonts are mapped, so this is well above what is really used."""
CPU_SECONDS_MAX: Final = 600
"""Of one process; it serves a limited number of documents and then makes room for a fresh one."""
FILE_MAX: Final = 64 * 1024**2
"""Bytes of a file it may write: the images of a document."""

_REFUSED: Final = {
    "x86_64": (0xC000003E, (41, 42, 49, 50, 53, 59, 101, 322, 425)),
    "aarch64": (0xC00000B7, (198, 199, 200, 201, 203, 221, 117, 281, 425)),
}
"""Per machine its audit code, and the numbers of: socket, connect, bind, listen, socketpair, execve, ptrace, execveat,
io_uring_setup (which could open sockets by itself)."""
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_FILTER_MODE: Final = 2
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


def limit_resources() -> None:
    """Bound memory, computing time and file size of this process, for good. The hard limits cannot be raised again."""
    limits = {
        resource.RLIMIT_AS: MEMORY_MAX,
        resource.RLIMIT_CPU: CPU_SECONDS_MAX,
        resource.RLIMIT_FSIZE: FILE_MAX,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        with suppress(ValueError, OSError):  # already lower, or unknown to this system
            resource.setrlimit(kind, (most, most))


def refuse_network() -> bool:
    """Refuse connections and other programs to every thread of this process that starts from now on.

    False where the system has no such filter.
    """
    known = _REFUSED.get(platform.machine())
    if sys.platform != "linux" or known is None:
        return False
    machine, refused = known
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, machine), (_RETURN, 0, 0, _REFUSE), (_LOAD, 0, 0, 0)]
    for number in refused:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.create_string_buffer(program), 0, 0) == 0)


def empty_environment() -> None:
    """Forget every variable: no secret of the installation is within reach of what is rendered."""
    os.environ.clear()
