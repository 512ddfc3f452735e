"""A working folder whose inputs people may edit, with the state of its cycles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from reanalyse_genome import KEYS
from reanalyse_people import family
from reanalyse_release import Laid, lay_out
from reanalyse_world import Said, World

from ariane.files import RESOURCES
from ariane.intake.config import Settings
from ariane.knowledge.release import Release
from ariane.model.case import Case
from ariane.reanalyse.cycle import freeze
from ariane.reanalyse.frozen import Frozen
from ariane.reanalyse.steps import COLUMNS as STEP_COLUMNS

KNOWN = World(assertions={KEYS[0]: (Said("P", 2),)}, gene_disease={("HGNC:1", "OMIM:1"): "AD"})
HEADER = "case_id\toutcome\tgene\tvariants\tdisease\tactor\trole\treport\tdate\tcomment\n"


class Desk:
    """A working folder with inputs that people may edit, and a state."""

    def __init__(self, root: Path, releases: Iterable[str] = ("A", "B")) -> None:
        self.root, self.state = root, root / "state"
        self.laid: dict[str, Laid] = {name: lay_out(root, name, KNOWN) for name in releases}
        given = {
            "families.tsv": "the sheet\n",
            "decisions.tsv": HEADER,
            "policy.yaml": (RESOURCES / "policy.yaml").read_text(encoding="utf-8"),
            "case.vcf": "calls\n",
            "regions.bed": "chr1\t0\t9\n",
        }
        for name, text in given.items():
            if not (root / name).is_file():
                (root / name).write_text(text, encoding="utf-8")

    def settings(
        self, cycle: str, previous: str = "", release: str = "A", **more: object
    ) -> Settings:
        steps = self.root / "follow_up.tsv"
        given = {
            "follow_up": steps if steps.is_file() else None,
            "full": False,
            "shards": 4,
            "regions": None,
            "gene_padding": 0,
            "profile": "clingen",
            **more,
        }
        return Settings(
            cycle=cycle,
            release=release,
            previous=previous,
            families=self.root / "families.tsv",
            releases=self.root / "releases",
            decisions=self.root / "decisions.tsv",
            policy=self.root / "policy.yaml",
            language="en",
            pages="flagged",
            registries={},
            **given,  # type: ignore[arg-type]
        )

    def case(self, name: str = "F1", **more: object) -> Case:
        return family(name, vcf=str(self.root / "case.vcf"), **more)  # type: ignore[arg-type]

    def freeze(self, cycle: str, cases: Sequence[Case] | None = None, **more: object) -> Frozen:
        settings = self.settings(cycle, **more)  # type: ignore[arg-type]
        release = Release.open(settings.release_folder)
        return freeze(settings, release, [self.case()] if cases is None else cases, self.state)

    def act(self, *rows: str) -> None:
        """Write the file of steps taken, over the one of before; cells are parted by ``;``."""
        cells = ["\t".join(cell.strip() for cell in row.split(";")) for row in rows]
        text = "".join(f"{line}\n" for line in ["\t".join(STEP_COLUMNS), *cells])
        (self.root / "follow_up.tsv").write_text(text, encoding="utf-8")

    def decide(self, *rows: str) -> None:
        cells = ["\t".join(cell.strip() for cell in row.split("|")) for row in rows]
        text = HEADER + "".join(f"{line}\n" for line in cells)
        (self.root / "decisions.tsv").write_text(text, encoding="utf-8")
