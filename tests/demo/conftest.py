"""The demo, made anew once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

import demo_genome  # noqa: E402
import demo_phenotypes  # noqa: E402
import demo_variants  # noqa: E402
import make_demo  # noqa: E402
from ariane.knowledge.vcf_files import open_lines  # noqa: E402


@pytest.fixture(scope="session")
def demo() -> Path:
    return REPOSITORY / "resources" / "demo"


@pytest.fixture(scope="session")
def anew(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo made from its tables in a temporary folder."""
    out: Path = tmp_path_factory.mktemp("demo")
    make_demo.make(demo / "source", out)
    return out


@pytest.fixture(scope="session")
def tables(demo: Path) -> Any:
    return demo_phenotypes.Tables.read(demo / "source")


@pytest.fixture(scope="session")
def genome(tables: Any) -> Any:
    return demo_genome.build(tables.genes, tables.variants)


@pytest.fixture(scope="session")
def variants(tables: Any, genome: Any) -> Any:
    placed = demo_variants.named(genome, tables.variants)
    return placed + demo_variants.Background(genome, placed, tables.variants).draw()


@pytest.fixture(scope="session")
def unpacked(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The families' VCFs as text, for pysam opens no plain gzip."""
    folder: Path = tmp_path_factory.mktemp("unpacked")
    for path in sorted((demo / "vcf").glob("*.vcf.gz")):
        with open_lines(path) as lines:
            (folder / path.name.removesuffix(".gz")).write_bytes(lines.read())
    return folder
