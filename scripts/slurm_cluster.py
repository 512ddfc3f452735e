"""A SLURM cluster of its own for tests: several nodes on this one machine, in one folder.

Debian's daemons, with a key, ports and a configuration of their own: a cluster that the machine may
already belong to is neither asked nor touched. Nodes are simulated: they share the machine's disk,
its processors and its memory, so that nothing is learnt here of a network file system.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PROGRAMS: Final = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "srun", "scontrol", "sinfo")
SYSTEM: Final = "/usr/sbin:/usr/local/sbin"
"""Where daemons lie, which is not in everybody's path."""
MARK: Final = "ARIANE_TEST_NODE"
"""Variable by which a node's daemons are told from all other processes."""
PATIENCE: Final = 60.0
"""Seconds for a daemon to answer."""
SILENCE: Final = 10
"""Seconds after which the controller holds a silent node for dead."""

_SETTINGS: Final = """\
ClusterName=ariane-test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
MpiDefault=none
SwitchType=switch/none
ReturnToService=1
SlurmdTimeout={silence}
MinJobAge=3600
"""


def unable() -> str:
    """Why no cluster can be started here; empty when it can."""
    absent = [name for name in PROGRAMS if _program(name) is None]
    if absent:
        packages = "slurmctld slurmd slurm-client munge"
        return (
            f"SLURM is not installed: no {', '.join(absent)} (Debian: apt-get install {packages})"
        )
    return ""


@dataclass
class Cluster:
    """A running cluster."""

    folder: Path
    nodes: tuple[str, ...]
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to submit to this cluster."""
        path = f"{self.folder / 'bin'}:{os.environ.get('PATH', '')}:{SYSTEM}"
        return {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": path}

    def ask(self, *command: str) -> str:
        """What a program of SLURM's answers.

        Raises:
            CalledProcessError: it failed.
        """
        asked = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=30, env=self.environment
        )
        return asked.stdout

    def jobs(self) -> list[dict[str, str]]:
        """All jobs, ended ones too: their ``id``, ``state``, ``node`` and ``comment``."""
        lines = self.ask("squeue", "--states=all", "--noheader", "--format=%i|%T|%N|%k")
        names = ("id", "state", "node", "comment")
        return [dict(zip(names, line.split("|"), strict=True)) for line in lines.splitlines()]

    def states(self) -> dict[str, str]:
        """The state of each node, such as ``idle`` or ``down*``."""
        lines = self.ask("sinfo", "--Node", "--noheader", "--format=%N|%t").splitlines()
        return {name: state for name, _, state in (line.partition("|") for line in lines)}

    def kill_node(self, name: str) -> None:
        """A power cut: the node's daemon and all its jobs die at once, and nobody is told."""
        daemon = self.daemons.pop(name)
        doomed = _descendants(_marked(self.folder, name))
        daemon.kill()
        _kill(doomed)
        daemon.wait()


@contextmanager
def running(folder: Path, nodes: int = 2, processors: int = 2) -> Iterator[Cluster]:
    """Start a cluster in a folder; stop it, its jobs and its daemons whatever happens.

    Args:
        folder: for its configuration, state and logs; made when it is not there.
        nodes: how many.
        processors: of each node; more than the machine has are pretended.

    Raises:
        TimeoutError: a daemon did not come up; its log's end is told.
    """
    cluster = Cluster(folder, tuple(f"node{number + 1}" for number in range(nodes)))
    try:
        _lay_out(cluster, processors)
        _start(cluster)
        yield cluster
    finally:
        _stop(cluster)


def _lay_out(cluster: Cluster, processors: int) -> None:
    folder = cluster.folder
    for name in ("state", "munge", "bin", *(f"spool.{node}" for node in cluster.nodes)):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "munge").chmod(0o700)
    key = folder / "munge" / "key"
    key.write_bytes(secrets.token_bytes(1024))
    key.chmod(0o400)
    # A job's own steps are started without SLURM_CONF, for a real node has the file in /etc.
    srun = folder / "bin" / "srun"
    conf = folder / "slurm.conf"
    srun.write_text(f'#!/bin/sh\nSLURM_CONF="{conf}" exec {_program("srun")} "$@"\n')
    srun.chmod(0o755)
    host = socket.gethostname().partition(".")[0]
    port, *ports = _free_ports(len(cluster.nodes) + 1)
    user = pwd.getpwuid(os.getuid()).pw_name
    lines = [
        _SETTINGS.format(host=host, port=port, user=user, folder=folder, silence=SILENCE),
        *(
            f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={own} "
            f"CPUs={processors} RealMemory=64000 State=UNKNOWN\n"
            for node, own in zip(cluster.nodes, ports, strict=True)
        ),
        "PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n",
    ]
    conf.write_text("".join(lines))


def _start(cluster: Cluster) -> None:
    folder, munge = cluster.folder, cluster.folder / "munge"
    own = [f"--{name}={munge / name.partition('-')[0]}"
           for name in ("socket", "key-file", "pid-file", "log-file", "seed-file")]  # fmt: skip
    _daemon(cluster, "munged", ["--foreground", "--force", *own])
    _until(lambda: (munge / "socket").exists(), "munged", folder / "munged.out")
    conf = str(folder / "slurm.conf")
    _daemon(cluster, "slurmctld", ["-D", "-i", "-f", conf])
    for node in cluster.nodes:
        _daemon(cluster, node, ["-D", "-N", node, "-f", conf], program="slurmd")

    def idle() -> bool:
        try:
            return list(cluster.states().values()) == ["idle"] * len(cluster.nodes)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return False

    _until(idle, "the cluster", folder / "slurmctld.log")


def _daemon(cluster: Cluster, name: str, arguments: Sequence[str], program: str = "") -> None:
    found = _program(program or name)
    if found is None:
        raise FileNotFoundError(unable())
    environment = {**cluster.environment, MARK: name}
    # Where who started it is killed, and so cannot stop it, it goes too.
    setpriv = shutil.which("setpriv")
    with_us = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
    with (cluster.folder / f"{name}.out").open("wb") as out:
        cluster.daemons[name] = subprocess.Popen(
            [*with_us, found, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=environment,
        )


def _stop(cluster: Cluster) -> None:
    for node in cluster.nodes:
        _kill(_descendants(_marked(cluster.folder, node)))
    # In the order opposite to the start: the key's keeper goes last.
    for daemon in reversed(cluster.daemons.values()):
        daemon.terminate()
        try:
            daemon.wait(timeout=10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def _marked(folder: Path, node: str) -> set[int]:
    """Processes that a node's daemon of this cluster started as itself: the keepers of its jobs."""
    wanted = {f"SLURM_CONF={folder / 'slurm.conf'}".encode(), f"{MARK}={node}".encode()}
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if wanted <= set((entry / "environ").read_bytes().split(b"\0")):
                    found.add(int(entry.name))
            except OSError:  # another's, or it ended meanwhile
                continue
    return found


def _descendants(roots: set[int]) -> set[int]:
    """Processes with all that they started."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = set[int](), list(roots)
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += [child for child in children.get(one, ()) if child not in found]
    return found


def _kill(processes: set[int]) -> None:
    for process in processes:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _until(reached: Callable[[], bool], what: str, log: Path) -> None:
    """Wait for something, at most :data:`PATIENCE` seconds."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if reached():
            return
        time.sleep(0.25)
    told = log.read_text(errors="replace")[-2000:] if log.is_file() else "no log"
    raise TimeoutError(f"{what} did not come up:\n{told}")


def _free_ports(count: int) -> list[int]:
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [int(holder.getsockname()[1]) for holder in holders]
    finally:
        for holder in holders:
            holder.close()


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM}")
