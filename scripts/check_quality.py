"""Quality of one case's calls, or the list of all cases: for the laboratory, never for a family."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ariane.cli import run
from ariane.files import write_text
from ariane.model.case import Member, Sex
from ariane.model.errors import ArianeError
from ariane.quality.report import case_quality, cohort_rows, write_case, write_cohort
from ariane.report.messages import LANGUAGES


def main(argv: list[str]) -> None:
    """Measure a case, or gather the files of many."""
    parser = argparse.ArgumentParser(description=__doc__)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--case", help="identifier of the case to measure")
    given.add_argument("--gather", type=Path, nargs="*", help="files of cases, for one list")
    parser.add_argument("--bcf", type=Path, help="the case's variants.bcf")
    parser.add_argument("--members", help="the family, as JSON")
    parser.add_argument("--reference", type=Path, help="the release's FASTA")
    parser.add_argument("--separate", action="store_true", help="members have VCFs of their own")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--html", type=Path, help="with --gather: the laboratory's page")
    parser.add_argument("--language", default="en", choices=LANGUAGES)
    args = parser.parse_args(argv)
    if args.case is None:
        rows = cohort_rows(args.gather)
        write_cohort(args.out, rows)
        if args.html:
            # Imported here: templates cost time that the measuring of each case would pay.
            from ariane.report import laboratory

            write_text(args.html, laboratory.page(rows, args.language))
        return
    if not (args.bcf and args.members and args.reference):
        raise ArianeError("--case needs --bcf, --members and --reference. Give all three.")
    content = case_quality(
        args.case, args.bcf, members_of(args.members), args.reference, not args.separate
    )
    write_case(args.out, content)


def members_of(text: str) -> list[Member]:
    """Members of a family from JSON.

    Raises:
        ArianeError: it is not that.
    """
    try:
        return [Member(**{**one, "sex": Sex(one["sex"])}) for one in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        raise ArianeError("--members: not a family in JSON. Let the workflow pass it.") from None


if __name__ == "__main__":
    run(main)
