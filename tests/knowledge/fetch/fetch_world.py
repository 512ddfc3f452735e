"""What the tests of fetching share: a body, its checksum, and the files under a final name."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable

from ariane.knowledge.fetch.manifest import Download
from ariane.knowledge.fetch.pool import Pool, Receipt

BODY = random.Random(1).randbytes(200_000) + b"\n"  # noqa: S311
SHA = hashlib.sha256(BODY).hexdigest()

Made = Callable[..., Download]
Fetch = Callable[[Download], Receipt]


def final_files(pool: Pool) -> list[str]:
    """Every file under a final name: outside the folders of parts and receipts."""
    return sorted(
        str(path.relative_to(pool.files))
        for path in pool.files.rglob("*")
        if path.is_file() and not path.relative_to(pool.files).parts[0].startswith(".")
    )
