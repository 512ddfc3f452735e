"""MkDocs hook: tables of docs/reference.md, and files of the repository that pages link to.

Pages link to ``../config/README.md`` and the like, as a reader of the repository needs it. In the
site such a file lies under ``repository/``, and every link is turned to where its target lies.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parent))  # MkDocs loads a hook by its path alone

import docs_reference

_LINK: Final = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
_DOCS: Final = "docs/"
_OTHERS: Final = "repository/"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every file of the repository that a page links to, and what those link to in turn."""
    root = Path(config.config_file_path).parent
    waiting = [_DOCS + page.src_uri for page in files.documentation_pages()]
    seen = set(waiting)
    while waiting:
        page = waiting.pop()
        text = (root / page).read_text(encoding="utf-8")
        targets = {_target(page, found.group(1)) for found in _LINK.finditer(text)}
        for path in sorted(targets - seen):
            seen.add(path)
            if path.startswith(_DOCS) or not (root / path).is_file():
                continue
            files.append(File.generated(config, _OTHERS + path, abs_src_path=str(root / path)))
            if path.endswith(".md"):
                waiting.append(path)
    return files


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files, **_: object
) -> str:
    """Put in the tables of schemas, and turn each link to its target's place in the site.

    A link to a missing file stays and is told.
    """
    markdown = docs_reference.fill(markdown, Path(config.config_file_path).parent)
    here = page.file.src_uri
    path = here.removeprefix(_OTHERS) if here.startswith(_OTHERS) else _DOCS + here

    def turned(found: re.Match[str]) -> str:
        target = _target(path, found.group(1))
        uri = target.removeprefix(_DOCS) if target.startswith(_DOCS) else _OTHERS + target
        if files.get_file_from_path(uri) is None:
            return found.group(0)
        relative = posixpath.relpath(uri, posixpath.dirname(here) or ".")
        return f"]({relative}{found.group(2) or ''})"

    return _LINK.sub(turned, markdown)


def _target(page: str, link: str) -> str:
    """The path, from the repository's root, of what a page links to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), link))
