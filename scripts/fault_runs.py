"""Whole runs of the demo under faults of the machine: each ends with the right bytes or a message.

A fault is tried in a copy of the demo; what Snakemake and its programs say is kept, for a message
that tells nothing is a fault too.
"""

from __future__ import annotations

import gzip
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from ariane.model.errors import ArianeError
from demo_folder import FIRST, NEXT, command, configuration, digests
from fault_world import World, changed, ended, kill, start, temporary

LATE: Final = 3
"""Seconds by which the disk of the trial of late visibility is late."""
DAY: Final = 24 * 3600
REPLACED: Final = "DEMO-02"


@dataclass
class Outcome:
    """What came of one fault."""

    fault: str
    good: bool
    found: str
    """In words."""
    said: list[str] = field(default_factory=list)
    """What people were told meanwhile."""
    kills: int = 0


def killed(world: World, rng: random.Random, name: str, *, alone: bool) -> Outcome:
    """Both cycles, killed again and again; alone: Snakemake dies and its jobs go on."""
    folder = world.copied(name, "")
    said: set[str] = set()
    count = 0
    for cycle in world.cycles:
        while True:
            process = start(command(folder, cycle), folder)
            try:
                text, _ = process.communicate(timeout=rng.uniform(2.5, 12))
            except subprocess.TimeoutExpired:
                kill(process, alone)
                count += 1
                # Restarted at once, Snakemake finds the lock of the dead and says so.
                done = world.snakemake(folder, cycle)
                said |= told(done.said)
                if done.status == 0:
                    break
                unlocked = world.snakemake(folder, cycle, "--unlock")
                if unlocked.status:
                    return Outcome(name, False, "cannot be unlocked", [unlocked.said[-500:]], count)
                continue
            if process.returncode:
                return Outcome(name, False, "ended with a fault", [text[-1500:]], count)
            break
    wrong = changed(folder, world.digests[world.last])
    left = temporary(folder)
    found = f"{count} kills; files that differ: {len(wrong)}; left behind: {len(left)}"
    return Outcome(name, not wrong, found, sorted(said) + wrong[:5] + left[:5], count)


def two_at_once(world: World) -> Outcome:
    """A second run in the same folder while the first is at work."""
    folder = world.copied("two", "")
    one = start(command(folder, FIRST), folder)
    time.sleep(8)
    two = world.snakemake(folder, FIRST)
    first = ended(one)
    wrong = changed(folder, world.digests[FIRST])
    good = first.status == 0 and two.status != 0 and not wrong and "Traceback" not in two.said
    found = f"the second is refused (status {two.status}), the first ends right"
    return Outcome("two runs at once", good, found if good else str(wrong), sorted(told(two.said)))


def full_disk(world: World, share: float) -> Outcome:
    """The disk holds a share of what the demo needs; then it is made larger."""
    needed = sum(p.stat().st_size for p in (world.home / FIRST).rglob("*") if p.is_file())
    name = f"disk that holds {share:.0%} of what is needed"
    with tmpfs(world.home / "disk", int(needed * 2)) as place:
        folder = place / "run"
        shutil.copytree(world.home / "before", folder)
        used = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
        remount(place, f"size={int(used + needed * share)}")
        first = world.snakemake(folder, FIRST)
        halves = [
            path
            for path, digest in digests(folder).items()
            if world.digests[FIRST].get(path) not in (digest, None) and path != "registry.csv"
        ]
        remount(place, f"size={needed * 4}")
        again = world.snakemake(folder, FIRST)
        wrong = changed(folder, world.digests[FIRST])
    good = first.status != 0 and again.status == 0 and not wrong and not halves
    good &= "Traceback" not in first.said and "space" in first.said
    found = "a message; with room again, the right bytes" if good else f"{halves} {wrong}"
    return Outcome(name, good, found, sorted(told(first.said)))


def read_only(world: World) -> Outcome:
    """The working folder turns read-only after the first cycle."""
    with tmpfs(world.home / "disk", 400_000_000) as place:
        folder = place / "run"
        shutil.copytree(world.home / FIRST, folder)
        remount(place, "ro")
        refused = world.snakemake(folder, NEXT)
        kept = changed(folder, world.digests[FIRST])
        remount(place, "rw")
        again = world.snakemake(folder, NEXT)
        wrong = changed(folder, world.digests[NEXT])
    good = refused.status != 0 and not kept and again.status == 0 and not wrong
    good &= "Traceback" not in refused.said and "Read-only" in refused.said
    found = "a message; writable again, the right bytes" if good else f"{kept} {wrong}"
    return Outcome("read-only folder", good, found, sorted(told(refused.said)))


def orphan(world: World) -> Outcome:
    """Snakemake is killed while a program sleeps; it wakes when a run of other settings has ended.

    The program is stopped between two of its instructions, and goes on later, as a job on a node
    does whose Snakemake died.
    """
    folder = world.copied("orphan", "")
    until = ("--until", "annotate")
    process = start(command(folder, FIRST, *until), folder)
    stopped = _stop_one(folder, "annotate_case.py")
    case = _words_of(stopped[0])[-1] if stopped else ""
    kill(process, alone=True)
    time.sleep(3)  # the other jobs of the dead run end
    path = configuration(folder, FIRST)
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(config | {"gene_padding": 2000}), encoding="utf-8")
    world.snakemake(folder, FIRST, "--unlock")
    other = world.snakemake(folder, FIRST, *until)
    right = digests(folder)
    # What the orphan would write is another file: else nothing could be seen.
    own = f"results/cases/{case}/"
    tells = any(d != world.digests[FIRST].get(n) for n, d in right.items() if n.startswith(own))
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
    deadline = time.monotonic() + 60
    while any(map(_lives, stopped)) and time.monotonic() < deadline:
        time.sleep(0.2)
    said = "\n".join(p.read_text(errors="replace") for p in folder.glob("results/logs/**/*.log"))
    wrong = changed(folder, right)
    good = bool(stopped) and other.status == 0 and not wrong and tells
    found = f"{len(stopped)} woke and wrote nothing" if good else f"it wrote {wrong}"
    return Outcome("orphaned job, other settings", good, found, sorted(told(said)))


def clock_back(world: World) -> Outcome:
    """The first cycle was run with a clock a day ahead; the second with the right one."""
    folder = world.copied("clock", FIRST)
    shutil.rmtree(folder / ".snakemake", ignore_errors=True)
    shutil.copytree(world.home / FIRST / ".snakemake", folder / ".snakemake")
    _dated(folder, time.time() + DAY)  # what was made, not what people gave
    done = world.snakemake(folder, NEXT)
    told_so = done.status != 0 and "clock skew" in done.said
    if told_so:
        _dated(folder, time.time())
        done = world.snakemake(folder, NEXT)
    wrong = changed(folder, world.digests[NEXT])
    found = "a message; times mended, the right bytes" if told_so else "the right bytes"
    good = done.status == 0 and not wrong
    fault = "clock set back by a day between cycles"
    return Outcome(fault, good, found if good else str(wrong or done.said[-800:]))


def _dated(folder: Path, when: float) -> None:
    for part in ("results", "releases"):
        for path in (folder / part).rglob("*"):
            if path.is_file():
                # A link to another trial's file must stay as it is.
                content, mode = path.read_bytes(), path.stat().st_mode
                path.unlink()
                path.write_bytes(content)
                path.chmod(mode)
                os.utime(path, (when, when))


def old_input(world: World) -> Outcome:
    """A VCF is replaced by another that bears an older time, as from a backup."""
    folder = world.copied("backup", FIRST)
    shutil.copytree(world.home / FIRST / ".snakemake", folder / ".snakemake")
    one = folder / "vcf" / f"{REPLACED}.vcf.gz"
    old = one.stat().st_mtime - 400 * DAY
    lines = gzip.decompress(one.read_bytes()).splitlines(keepends=True)
    one.write_bytes(gzip.compress(b"".join(lines[:-1]), mtime=0))
    os.utime(one, (old, old))
    done = world.snakemake(folder, NEXT)
    summary = f"results/cases/{REPLACED}/annotation.json"
    refused = done.status != 0 and f"{REPLACED} was annotated from another VCF" in done.said
    if refused:  # as the message says
        shutil.rmtree(folder / "results" / "cases" / REPLACED)
        done = world.snakemake(folder, NEXT)
    anew = digests(folder).get(summary) != world.digests[FIRST][summary]
    good = refused and done.status == 0 and anew
    found = "a message; as it says, annotated again" if good else f"stale: {done.said[-800:]}"
    return Outcome("a VCF replaced by one with an older time", good, found, sorted(told(done.said)))


def late(world: World) -> Outcome:
    """Each file that a program made shows itself seconds later, as on a network file system."""
    folder = world.copied("late", "")
    hook = world.home / "late.sh"
    hook.write_text(_LATE, encoding="utf-8")
    process = start(command(folder, FIRST, "--latency-wait", "20"), folder, BASH_ENV=str(hook))
    done = ended(process, 900)
    wrong = changed(folder, world.digests[FIRST])
    good = done.status == 0 and not wrong
    return Outcome("files visible late", good, "the right bytes" if good else str(wrong),
                   sorted(told(done.said)) if not good else [])  # fmt: skip


_LATE = f"""
python() {{
  local stamp word status=0
  stamp=$(mktemp)
  command python "$@" || status=$?
  for word in "$@"; do
    if [ -f "$word" ] && [ "$word" -nt "$stamp" ] && [[ $word == results/* ]]; then
      mv "$word" "$word.late"
      ( sleep {LATE}; mv "$word.late" "$word" ) >/dev/null 2>&1 </dev/null &
    fi
  done
  rm -f "$stamp"
  return $status
}}
"""


def told(text: str) -> set[str]:
    """Lines that are a message to people."""
    words = ("lock", "Lock", "space", "Read-only", "read-only", "another run", "Another run",
             "damaged", "Traceback", "not the", "changed", "MissingOutput")  # fmt: skip
    lines = (re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in text.splitlines())
    return {line[:300] for line in lines if any(word in line for word in words)}


@contextmanager
def tmpfs(place: Path, size: int) -> Iterator[Path]:
    """A file system of a size, in memory.

    Raises:
        ArianeError: this machine does not let us mount one.
    """
    place.mkdir(exist_ok=True)
    words = [_program("mount"), "-t", "tmpfs", "-o", f"size={size}", "none", place]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ArianeError(f"no disk can be made here: {done.stderr.strip()}. Run as root.")
    try:
        yield place
    finally:
        subprocess.run([_program("umount"), "-l", place], check=False)
        with suppress(OSError):
            place.rmdir()


def remount(place: Path, how: str) -> None:
    """Change a mounted file system."""
    subprocess.run([_program("mount"), "-o", f"remount,{how}", place], check=True)


def _program(name: str) -> str:
    return shutil.which(name) or name


def _stop_one(folder: Path, program: str) -> list[int]:
    """Stop the first process in a folder that runs a program, once it is well under way."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with suppress(OSError):
                words = _words_of(int(entry.name))
                here = (entry / "cwd").resolve() == folder.resolve()
                if here and "python" in words[0] and any(w.endswith(program) for w in words[1:2]):
                    os.kill(int(entry.name), signal.SIGSTOP)
                    return [int(entry.name)]
        time.sleep(0.05)
    return []


def _words_of(pid: int) -> list[str]:
    """The command of a program of ours, up to the name of its case where it has one."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return words[: words.index("--case") + 2] if "--case" in words else words


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split(")")[1].split()[0] != "Z"
    except OSError:
        return False
