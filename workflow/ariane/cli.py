"""What every command-line program in ``scripts/`` shares."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable

from ariane.files import keep_from_others
from ariane.model.errors import ArianeError

EXIT_FAULT = 2
"""Exit status when the user can mend something."""

_SELDOM = (50_000, 20, 50)
"""How seldom Python looks for objects that hold one another. Rows of tables never do; to look
through millions of them again and again took a sixth of the time of ranking."""


def run(main: Callable[[list[str]], int | None]) -> None:
    """Run a program: plain progress on stderr; an ArianeError ends in its text and status 2."""
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
    sys.exit(status or 0)
