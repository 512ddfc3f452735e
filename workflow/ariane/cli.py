"""What every command-line program in ``scripts/`` shares."""

from __future__ import annotations

import errno
import gc
import logging
import os
import sys
from collections.abc import Callable

from ariane.files import keep_from_others
from ariane.model.errors import ArianeError

EXIT_FAULT = 2
"""Exit status when the user can mend something."""

_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
"""What a disk refuses: it is full, over its quota, read-only, broken."""

_SELDOM = (50_000, 20, 50)
"""How seldom Python looks for objects that hold one another. Rows of tables never do; to look
through millions of them again and again took a sixth of the time of ranking."""


def run(main: Callable[[list[str]], int | None]) -> None:
    """Run a program: plain progress on stderr; an ArianeError, or a disk that refuses, ends in
    its text and status 2.
    """
    gc.set_threshold(*_SELDOM)
    keep_from_others()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        status = main(sys.argv[1:])
    except ArianeError as problem:
        print(problem, file=sys.stderr)
        sys.exit(EXIT_FAULT)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as problem:
        if problem.errno not in _OF_THE_DISK:
            raise
        where = f"{problem.filename}: " if problem.filename else ""
        told = os.strerror(problem.errno)
        print(f"{where}{told}. Nothing half-written stays. Mend it, run again.", file=sys.stderr)
        sys.exit(EXIT_FAULT)
    sys.exit(status or 0)
