"""A delta cycle stopped at each of its writes, and run again: what stood there, and what came out.

Run as a program, for a process of its own that has started no thread and can be forked: each child
works in a copy of one folder in which a first cycle is done and a second may begin.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from reanalyse_genome import FAR, KEYS, STRUCTURAL
from reanalyse_lab import BASE, GOOD, Laboratory, with_vcf
from reanalyse_people import Patient, family, records
from reanalyse_release import lay_out
from reanalyse_world import TERMS, Said

from ariane import files
from ariane.model.canonical import to_json
from ariane.reanalyse.cycle import freeze

NEW = replace(
    BASE,
    assertions={KEYS[0]: (Said("LP", 2),), KEYS[3]: (Said("VUS", 1),)},
    elsewhere={FAR[0]: "HGNC:1"},
    described={**BASE.described, ("OMIM:1", TERMS[4]): "1/3"},
)
"""What the second release says: good news of one allele, bad news of another, another phenotype."""
FIRST = [
    Patient(family("F1", observed=TERMS[3:5]), {3: {"child": GOOD}, 0: {"child": GOOD}}),
    Patient(family("F2"), {STRUCTURAL.start: {"child": GOOD}}),
]
SECOND = [FIRST[0], Patient(family("F3", observed=TERMS[3:4]), {3: {"child": GOOD}})]
"""One case is the same, one left, one is new: the store is another."""
ENDS = ("raise", "kill", "disk")
"""An error of the system, the end of the process, a file that cannot grow."""


@dataclass
class Outcome:
    """What came of one fault."""

    point: str
    status: int
    """Of the run: 1 for an error, negative for a signal, 0 when nothing stopped it."""
    foreign: list[str] = field(default_factory=list)
    """Files under a final name that are neither those of before nor those of an undisturbed run."""
    left: list[str] = field(default_factory=list)
    """Temporary files that were left behind."""
    again: int = 0
    """Status of the run after it."""
    different: list[str] = field(default_factory=list)
    """Files that then are not those of an undisturbed run, the canonical exports included."""


def main(argv: list[str]) -> None:
    """``END WORK EVERY FIRST``: try faults of a kind in a folder; a line of JSON for each.

    Of all faults one in EVERY is tried, from the one of number FIRST on.
    """
    end, work, every, first = argv[0], Path(argv[1]).resolve(), int(argv[2]), int(argv[3])
    base, clean, points = work / "base", work / "clean", work / "points"
    base.mkdir(parents=True)
    _must(_child(base, _prepare))
    _copy(base, clean)
    _must(_child(clean, lambda: _run(end, 0, lambda: watch_writes(_noting(points)))))
    faults: list[tuple[str, Callable[[], None]]] = []
    if end == "disk":
        was = _contents(base)
        sizes = sorted({len(held) for path, held in _contents(clean).items() if path not in was})
        faults = [(f"{size - 1} bytes", lambda size=size: _full_at(size - 1)) for size in sizes]
    else:
        told = points.read_text(encoding="utf-8").splitlines()
        faults = [
            (f"{number}: {point}", lambda number=number: watch_writes(_ending(number, end)))
            for number, point in enumerate(told)
        ]
    for name, fault in faults[first::every]:
        print(json.dumps(asdict(_try(end, work, name, fault))), flush=True)


def _try(end: str, work: Path, name: str, fault: Callable[[], None]) -> Outcome:
    base, clean, trial, stages = (work / one for one in ("base", "clean", "trial", "stages"))
    shutil.rmtree(trial, ignore_errors=True)
    _copy(base, trial)
    stages.unlink(missing_ok=True)
    outcome = Outcome(name, _child(trial, lambda: _run(end, 0, fault)))
    before, after = _contents(base), _contents(clean)
    for path, content in _contents(trial).items():
        if _hidden(path):
            outcome.left.append(str(path))
        elif content not in (before.get(path), after.get(path)):
            outcome.foreign.append(str(path))
    done = stages.stat().st_size if stages.is_file() else 0
    outcome.again = _child(trial, lambda: _run(end, done, lambda: None))
    now = {path: content for path, content in _contents(trial).items() if not _hidden(path)}
    names = {*now, *after}
    outcome.different = sorted(str(p) for p in names if now.get(p) != after.get(p))
    return outcome


def _copy(base: Path, to: Path) -> None:
    """A copy of a folder; its releases, which no cycle writes to, are the same ones."""
    shutil.copytree(base, to, ignore=shutil.ignore_patterns("releases"))
    for name in ("releases", "results/releases"):
        (to / name).symlink_to(base / name)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _contents(folder: Path) -> dict[Path, bytes]:
    held = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in held}


def _child(folder: Path, work: Callable[[], None]) -> int:
    """Do something in a folder in a process of its own; its exit status, or minus its signal."""
    pid = os.fork()
    if pid == 0:
        status = 0
        try:
            os.chdir(folder)
            if not os.environ.get("SHOW"):
                silence = os.open(os.devnull, os.O_WRONLY)
                os.dup2(silence, 1)
                os.dup2(silence, 2)
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            status = 1
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _must(status: int) -> None:
    if status:
        raise AssertionError(f"an undisturbed run ended with status {status}")


def _prepare() -> None:
    lab = Laboratory(Path())
    lab.cycle(BASE, FIRST)
    lay_out(Path(), "c1", NEW)
    records(lab.results / "cases", [with_vcf(patient, Path("vcf")) for patient in SECOND])


def _run(end: str, done: int, fault: Callable[[], None]) -> None:
    """The second cycle from the first stage that was not done, as the workflow goes on.

    It is an overlay where it ends in errors, and written whole, as a new base, where in others.
    """
    compact_after = 12 if end == "raise" else 1
    lab = Laboratory(Path())
    lab.reopen("c0", "c1")
    fault()
    for number, stage in enumerate(_stages(lab, compact_after)):
        if number >= done:
            stage()
            with (Path.cwd().parent / "stages").open("a", encoding="utf-8") as handle:
                handle.write("+")
    digests = {shard: state.digests() for shard, state in lab.states("c1").items()}
    files.write_text(Path("digests.json"), to_json(digests))


def _stages(lab: Laboratory, compact_after: int) -> Iterator[Callable[[], Any]]:
    patients = [with_vcf(patient, Path("vcf")) for patient in SECOND]
    settings = lab.desk.settings("c1", "c0", "c1", shards=1, compact_after=compact_after)
    release = lab.desk.laid["c1"].release
    yield lambda: freeze(settings, release, [p.case for p in patients], lab.desk.state)
    yield lambda: lab.store(patients)
    for _, step in lab.steps("c1"):
        yield step


_CHANGING = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.utime")


def watch_writes(told: Callable[[str], None]) -> None:
    """Tell of each write below the working folder before it happens, for the rest of the process.

    Opening to write, renaming, removing, making folders, changing modes and times; fsync; the rows
    and the footer of a Parquet file; a file of which half is written.
    """
    home = Path.cwd()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _CHANGING or not isinstance(arguments[0], str | Path):
            return
        path = home / arguments[0]
        writing = event != "open" or arguments[2] & (os.O_WRONLY | os.O_RDWR)
        nothing = path.exists() if event == "os.mkdir" else not path.exists()
        if writing and home in path.parents and (event == "open" or not nothing):
            told(f"{event} {path.name}")

    def before(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def watched(*given: Any, **named: Any) -> Any:
            told(f"{owner.__name__}.{name}")
            return real(*given, **named)

        setattr(owner, name, watched)

    def half(path: Path, content: bytes) -> int:
        with path.open("wb") as handle:
            handle.write(content[: len(content) // 2])
            handle.flush()
            told(f"half of {path.name}")
            handle.write(content[len(content) // 2 :])
        return len(content)

    before(os, "fsync")
    before(pq.ParquetWriter, "write_table")
    before(pq.ParquetWriter, "close")
    Path.write_bytes = half  # type: ignore[method-assign,assignment]
    sys.addaudithook(hook)


def _noting(path: Path) -> Callable[[str], None]:
    def told(point: str) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(handle, f"{point}\n".encode())
        os.close(handle)

    return told


def _ending(number: int, end: str) -> Callable[[str], None]:
    """The write of that number does not happen: there is an error, or the process ends."""
    seen = iter(range(1 << 30))

    def told(_: str) -> None:
        if next(seen) == number:
            if end == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return told


def _full_at(size: int) -> None:
    """No file of this process can grow beyond a size, whoever writes it: half of one is left."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


if __name__ == "__main__":
    main(sys.argv[1:])
