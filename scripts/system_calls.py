"""Runs a function in a child process and interferes at one of its system calls.

What a crash, a full disk or another person's save does to a write can only be shown where they
strike: between any two system calls, of Python, of SQLite or of a database's client alike. Linux
on x86-64 only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import platform
import signal
import struct
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from ariane.model.errors import ArianeError

CALLS: Final = {
    1: "write", 18: "pwrite64", 20: "writev", 44: "sendto", 73: "flock", 74: "fsync",
    75: "fdatasync", 77: "ftruncate", 82: "rename", 83: "mkdir", 87: "unlink", 90: "chmod",
    91: "fchmod", 92: "chown", 93: "fchown", 188: "setxattr", 257: "openat", 258: "mkdirat",
    263: "unlinkat", 264: "renameat", 280: "utimensat", 316: "renameat2", 326: "copy_file_range",
}  # fmt: skip
"""Calls by which a process changes what others see, and the opening of files."""

FILLING: Final = frozenset(
    ("write", "pwrite64", "writev", "openat", "mkdir", "mkdirat", "rename", "renameat", "fsync",
     "fdatasync", "ftruncate")
)  # fmt: skip
"""Calls that a full disk can refuse."""

_BOUND: Final = 110
"""getppid: by calling it the child tells where the work begins and ends."""
_TRACEME, _PEEK, _POKE, _GO_ON, _TO_ITS_END, _OPTIONS = 0, 3, 6, 7, 24, 0x4200
_RDX, _RAX, _NUMBER = 12 * 8, 10 * 8, 15 * 8
"""Offsets of registers in a stopped child (struct user_regs_struct)."""
_AT_CALL: Final = signal.SIGTRAP | 7 << 8
"""A stop before one of the calls that the child's filter names."""


@dataclass
class Ended:
    """How the work ended."""

    calls: list[str] = field(default_factory=list)
    """Names of the calls that it made, up to its end."""
    killed: bool = False
    result: Any = None
    """What it returned."""
    refused: str = ""
    """Text of the ArianeError in which it ended."""


class After(Enum):
    """What an interference did to the child."""

    KILLED = 0
    GOES_ON = 1


Interference = Callable[[int], After]
"""Called with the child's process number before one of its calls."""


def kill(child: int) -> After:
    """The process ends before the call is made, and nothing more of it runs."""
    os.kill(child, signal.SIGKILL)
    return After.KILLED


def disk_full(child: int) -> After:
    """The call is not made, and the process is told that no space is left.

    A call that needs no space is left alone: no disk refuses it, and a database's client that
    cannot send would wait for its answer for ever.
    """
    if CALLS[_peek(child, _NUMBER)] not in FILLING:
        return After.GOES_ON
    _poke(child, _NUMBER, -1)
    _poke(child, _RAX, -errno.ENOSPC)
    return After.GOES_ON


def meanwhile(act: Callable[[], object], spare: Sequence[str] = ()) -> Interference:
    """Somebody else acts before the call is made, unless it is one of those to spare."""

    def interfere(child: int) -> After:
        if CALLS[_peek(child, _NUMBER)] not in spare:
            act()
        return After.GOES_ON

    return interfere


def torn(child: int) -> After:
    """Half of what a write shall write is written, then the process ends."""
    if CALLS.get(_peek(child, _NUMBER)) in ("write", "pwrite64"):
        _poke(child, _RDX, _peek(child, _RDX) // 2)
        _trace(_TO_ITS_END, child, 0, 0)
        os.waitpid(child, 0)
    return kill(child)


def unable() -> str:
    """Why this machine cannot do it; empty when it can."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return "system calls are followed on Linux on x86-64 only"
    try:
        run(lambda: None)
    except OSError as problem:
        return f"this machine does not let a process follow its child ({problem})"
    return ""


def run(work: Callable[[], Any], at: int = -1, interfere: Interference = kill) -> Ended:
    """Run the work in a child and interfere at its call of that number, counted from 0.

    Raises:
        OSError: the system does not let a process follow its child.
        RuntimeError: the work ended in anything but a result or an ArianeError.
    """
    with tempfile.TemporaryFile() as answer:
        child = os.fork()
        if child == 0:
            _child(work, answer.fileno())
        ended = _follow(child, at, interfere)
        answer.seek(0)
        content = answer.read()
        if not ended.killed:
            if not content:
                raise RuntimeError("the work ended without an answer")
            kind, value = pickle.loads(content)  # noqa: S301 (our own child's answer)
            if kind == "error":
                raise RuntimeError(value)
            ended.result, ended.refused = (value, "") if kind == "result" else (None, value)
        return ended


def _child(work: Callable[[], Any], answer: int) -> None:
    """Work, answer and end; never returns."""
    import traceback

    try:
        _trace(_TRACEME, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        _filter_calls()
    except BaseException:
        os._exit(1)  # whatever happens, no second process runs its parent's program on
    os.getppid()
    try:
        told = ("result", work())
    except ArianeError as problem:
        told = ("refused", str(problem))
    except BaseException:
        told = ("error", traceback.format_exc())
    os.getppid()
    os.write(answer, pickle.dumps(told))
    os._exit(0)


def _follow(child: int, at: int, interfere: Interference) -> Ended:
    ended = Ended()
    _, status = os.waitpid(child, 0)
    if not os.WIFSTOPPED(status):
        raise OSError(errno.EPERM, "the child may not be followed")
    _trace(_OPTIONS, child, 0, 0x80 | 0x100000)  # stop at filtered calls; end the child with us
    inside = False
    passed = 0
    while True:
        _trace(_GO_ON, child, 0, passed)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            ended.killed = os.WIFSIGNALED(status)
            return ended
        passed = 0
        if status >> 8 != _AT_CALL:
            passed = os.WSTOPSIG(status)
            continue
        number = _peek(child, _NUMBER)
        if number == _BOUND:
            inside = not inside
        elif inside:
            ended.calls.append(CALLS[number])
            if len(ended.calls) - 1 == at and interfere(child) is After.KILLED:
                os.waitpid(child, 0)
                ended.killed = True
                return ended


def _filter_calls() -> None:
    """Have this process stop before each of CALLS (seccomp), and run at full speed in between."""
    wanted = (*CALLS, _BOUND)
    last = len(wanted) + 3
    program = [(0x20, 0, 0, 4), (0x15, 0, last - 2, 0xC000003E), (0x20, 0, 0, 0)]
    program += [(0x15, last - at, 0, number) for at, number in enumerate(wanted, start=3)]
    program += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x7FF00000)]
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    held = ctypes.create_string_buffer(code)
    head = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(held))
    for request in ((38, 1, 0, 0, 0), (22, 2, head, 0, 0)):
        if _LIBC.prctl(*request):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_LIBC.ptrace.restype = ctypes.c_long
_LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def _trace(request: int, child: int, address: int, data: int) -> int:
    ctypes.set_errno(0)
    answer = int(_LIBC.ptrace(request, child, address, ctypes.c_void_p(data)))
    if answer == -1 and ctypes.get_errno():
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def _peek(child: int, register: int) -> int:
    return _trace(_PEEK, child, register, 0)


def _poke(child: int, register: int, value: int) -> None:
    _trace(_POKE, child, register, value & (2**64 - 1))
