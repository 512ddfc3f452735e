"""What the demo's outputs are, as digests, so that no change of output goes unnoticed.

Run ``python tests/workflow/golden.py`` after a change that is meant, with the engine number raised.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from demo_run import DEMO, FIRST, NEXT, Run, new_run

from ariane import files
from ariane.model import canonical, engine
from ariane.model.tables import CANDIDATES, EVENTS, FLAGS

GOLDEN = Path(__file__).with_name("golden.json")


def measure(run: Run) -> dict[str, Any]:
    """Engine numbers, the demo's identity, and a digest of what each room wrote."""
    results = run.folder / "results"
    inputs = sorted(
        path
        for path in DEMO.rglob("*")
        if path.is_file() and "source" not in path.parts and path.suffix != ".md"
    )
    ranking = {
        f"{cycle}/{table}": canonical.sha256_of_rows(run.rows(cycle, table))
        for cycle in (FIRST, NEXT)
        for table in ("findings", "ledger", "phenotype", "standing")
    }
    for cycle in (FIRST, NEXT):
        for table in (EVENTS, FLAGS):
            paths = (results / "cycles" / cycle / "shards").glob(f"*/{table.name}.parquet")
            rows = [row for path in sorted(paths) for row in files.read_table(path, table)]
            ranking[f"{cycle}/{table.name}"] = canonical.sha256_of_rows(rows)
    return {
        "engine": engine.numbers(),
        "demo": canonical.digest([[path.name, files.sha256_of(path)] for path in inputs]),
        "annotation": {
            path.parent.name: canonical.sha256_of_rows(files.read_table(path, CANDIDATES))
            for path in sorted((results / "cases").glob("*/candidates.parquet"))
        },
        "ranking": ranking,
        "reporting": {
            f"{cycle}/{path.name}": files.sha256_of(path)
            for cycle in (FIRST, NEXT)
            for path in sorted((results / "cycles" / cycle / "cases").glob("*.json"))
        },
    }


def main() -> None:
    """Run the demo anew and keep its digests."""
    with tempfile.TemporaryDirectory() as folder:
        run = new_run(Path(folder))
        for cycle in (FIRST, NEXT):
            run.snakemake(cycle).check_returncode()
        text = json.dumps(measure(run), indent=1, sort_keys=True) + "\n"
    GOLDEN.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
