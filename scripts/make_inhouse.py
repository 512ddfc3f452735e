"""Count the alleles of unrelated families: the in-house frequency table of a release to come."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import pysam

from ariane.cli import run
from ariane.files import open_text, replacing
from ariane.knowledge.context import contigs_of
from ariane.knowledge.in_house import Counted, count, lines
from ariane.knowledge.release import Release
from ariane.model.case import Case, Sex, Status
from ariane.model.errors import ArianeError
from ariane.reanalyse.frozen import open_cycle

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Take the cases of a cycle, count one person of each family, write a bgzip VCF."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycle", required=True, help="a cycle whose cases are annotated")
    parser.add_argument("--state", type=Path, default=Path("state"))
    parser.add_argument("--cases", type=Path, default=Path("results/cases"))
    parser.add_argument("--release", type=Path, required=True, help="release of that cycle")
    parser.add_argument(
        "--families",
        type=Path,
        help="TSV with a line for each case: case, family; cases of one family are counted once. "
        "Without it, each case of the cycle is a family.",
    )
    parser.add_argument("--out", type=Path, required=True, help="VCF to write, .vcf.gz")
    args = parser.parse_args(argv)
    cases = {case.id: case for case in open_cycle(args.state, args.cycle).cases}
    groups = families_of(args.families, cases) if args.families else {c: [c] for c in cases}
    counted = [
        one
        for _, members in sorted(groups.items())
        if (one := _counted([cases[case] for case in sorted(members)], args.cases))
    ]
    if not counted:
        raise ArianeError(f"cycle {args.cycle}: no case may be counted. Check the families.")
    contigs = contigs_of(Release.open(args.release)).lengths
    plain = args.out.with_name(args.out.name + ".plain")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with plain.open("w", encoding="utf-8") as handle:
            handle.writelines(lines(counted, count(counted), contigs))
        with replacing(args.out) as temporary:
            pysam.tabix_compress(str(plain), str(temporary), force=True)
    finally:
        plain.unlink(missing_ok=True)
    log.info("%d families are counted in %s.", len(counted), args.out)


def families_of(path: Path, cases: dict[str, Case]) -> dict[str, list[str]]:
    """Cases by family, from a table with the columns case and family.

    Raises:
        ArianeError: lines without two columns, cases that the cycle lacks or that come twice; all
            told together.
    """
    found: dict[str, list[str]] = {}
    problems, seen = [], set()
    if not path.is_file():
        raise ArianeError(f"{path}: there is no such file. Check the path.")
    with open_text(path) as handle:
        for number, line in enumerate(handle, 1):
            fields = line.rstrip("\r\n").split("\t")
            if line.startswith("#") or not line.strip() or fields[:2] == ["case", "family"]:
                continue
            where = f"{path}:{number}"
            if len(fields) < 2 or not fields[0] or not fields[1]:
                problems.append(f"{where}: give case and family, parted by a tabulator.")
            elif fields[0] not in cases:
                problems.append(f"{where}: the cycle holds no case {fields[0]!r}.")
            elif fields[0] in seen:
                problems.append(f"{where}: case {fields[0]!r} comes twice. Keep one line.")
            else:
                seen.add(fields[0])
                found.setdefault(fields[1], []).append(fields[0])
    if problems:
        raise ArianeError("\n".join(problems))
    return found


def _counted(members: list[Case], folder: Path) -> Counted | None:
    """The first case of a family whose data may be counted, for all its cases."""
    for case in members:
        path = folder / case.id / "candidates.parquet"
        if case.status is Status.WITHDRAWN:
            continue
        if not path.is_file():
            raise ArianeError(f"{path}: there is no such file. Annotate the case first.")
        male = {Sex.MALE: True, Sex.FEMALE: False}.get(case.patient.sex)
        return Counted(tuple(one.id for one in members), case.proband, male, path)
    return None


if __name__ == "__main__":
    run(main)
