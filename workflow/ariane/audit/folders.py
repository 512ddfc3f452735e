"""The folders of a run, as the audit walks them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ariane.knowledge.release import Release
from ariane.model.canonical import shard_name, shard_of
from ariane.model.errors import ArianeError
from ariane.reanalyse.frozen import Cycle, Frozen, chain, is_frozen, open_cycle

MANIFEST = "run_manifest.json"
"""Name of a cycle's manifest, in the cycle's folder."""


@dataclass(frozen=True)
class Folders:
    """A run's working folder and the folder of its releases."""

    home: Path
    releases: Path

    @property
    def results(self) -> Path:
        """What can be made again."""
        return self.home / "results"

    @property
    def state(self) -> Path:
        """What cannot."""
        return self.home / "state"

    def cycle(self, name: str) -> Path:
        """Results of a cycle."""
        return self.results / "cycles" / name

    def manifest(self, name: str) -> Path:
        """A cycle's run manifest."""
        return self.cycle(name) / MANIFEST

    def knowledge(self, release: str) -> Path:
        """Where a release was laid out as tables."""
        return self.results / "releases" / release / "knowledge"

    def release(self, name: str) -> Release:
        """A release, opened.

        Raises:
            ArianeError: it does not lie there.
        """
        return Release.open(self.releases / name)

    def known(self) -> list[Cycle]:
        """All cycles that have begun, each after the one it follows.

        Raises:
            ArianeError: the inputs of one are damaged, or there is none.
        """
        names = sorted(path.name for path in (self.state / "cycles").glob("*"))
        held = {
            name: open_cycle(self.state, name).cycle
            for name in names
            if is_frozen(self.state, name)
        }
        if not held:
            raise ArianeError(f"{self.state}: no cycle has begun here. Check --directory.")

        def depth(name: str) -> int:
            steps, seen = 0, {name}
            while (name := held[name].previous) in held and name not in seen:
                seen.add(name)
                steps += 1
            return steps

        return [held[name] for name in sorted(held, key=lambda n: (depth(n), held[n].as_of, n))]

    def open(self, name: str) -> Frozen:
        """A cycle with its frozen inputs.

        Raises:
            ArianeError: it was never begun (those that were are named), or is damaged.
        """
        if not is_frozen(self.state, name):
            begun = sorted(
                path.parents[1].name for path in self.state.glob("cycles/*/inputs/cycle.json")
            )
            told = ", ".join(begun) or "none"
            raise ArianeError(f"cycle {name!r} was never begun here. Begun are: {told}.")
        return open_cycle(self.state, name)

    def shard(self, frozen: Frozen, case: str) -> str:
        """Name of the shard of a case."""
        return shard_name(shard_of(case, frozen.cycle.shards), frozen.cycle.shards)

    def chain(self, cycle: str, shard: str) -> list[Path]:
        """A shard's folders from the last base to a cycle."""
        return [self.cycle(link.cycle) / "shards" / shard for link in chain(self.state, cycle)]

    def relative(self, path: Path) -> str:
        """A path as it is told: from the working folder where it lies below."""
        try:
            return path.relative_to(self.home).as_posix()
        except ValueError:
            return str(path)
