"""What the documentation site needs beyond the documents: hooks of MkDocs, named in mkdocs.yml.

The documents are written so that they read well on a code host. Three things differ here: files
outside `docs` that a document links to become pages of the site; what continues an item of a list
is indented by four spaces, as Python-Markdown asks; marks of generated parts are left out.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
#: Folder of the site for pages made of files outside `docs`.
OUTSIDE = "files"
#: Pictures go to the site as they are.
PICTURES = (".png", ".svg")
_LINK = re.compile(r"(?<=\]\()([^)\s#]+)(?=[#)])")
_MARK = re.compile(r"^<!-- (?:begin|end): \w+ -->\n?", re.MULTILINE)
_ITEM = re.compile(r"( *)([-*+]|\d+\.) +(?=\S)")
_FENCE = re.compile(r" *(```+)")


def source_of(page: str) -> Path:
    """Return the file that a page of the site is made of."""
    folder, _, rest = page.partition("/")
    if folder != OUTSIDE:
        return DOCS / page
    whole = ROOT / rest
    return whole if whole.is_file() else ROOT / rest.removesuffix(".md")


def page_of(file: Path) -> str:
    """Return the place in the site of a file of the project."""
    if file.is_relative_to(DOCS):
        return file.relative_to(DOCS).as_posix()
    name = file.relative_to(ROOT).as_posix()
    return f"{OUTSIDE}/{name}" if name.endswith((".md", *PICTURES)) else f"{OUTSIDE}/{name}.md"


def targets(text: str, source: Path) -> list[Path]:
    """Return the files of the project that a document links to."""
    links = [link for link in _LINK.findall(text) if ":" not in link]
    found = [(source.parent / link).resolve() for link in links]
    return [file for file in found if file.is_file() and file.is_relative_to(ROOT)]


def with_links(text: str, source: Path) -> str:
    """Return a document with links that lead to pages of the site."""
    folder = os.path.dirname(page_of(source)) or "."

    def led(link: re.Match[str]) -> str:
        here = (source.parent / link[1]).resolve()
        known = ":" not in link[1] and here.is_file() and here.is_relative_to(ROOT)
        return os.path.relpath(page_of(here), folder) if known else link[1]

    return _LINK.sub(led, text)


def with_wide_lists(text: str) -> str:
    """Return a document in which every level of a list is indented by at least four spaces."""
    lines, columns, fence, shift = [], [], "", 0
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if line.strip() and not fence:
            indent = len(line) - len(line.lstrip())
            while columns and indent < columns[-1]:
                columns.pop()
            # What stands in a fence moves with it.
            shift = max(0, 4 * len(columns) - indent)
        lines.append(" " * shift + line if line.strip() else line)
        if mark:
            fence = "" if mark[1] == fence else fence or mark[1]
        elif not fence and (item := _ITEM.match(line)):
            columns.append(item.end())
    return "\n".join(lines) + "\n"


def content_of(file: Path) -> str:
    """Return a file outside `docs` as a document."""
    text = file.read_text("utf-8")
    if file.suffix == ".md":
        return text
    language = {".yaml": "yaml", ".py": "python"}.get(file.suffix, "text")
    name = file.relative_to(ROOT).as_posix()
    return f"---\nsearch: {{exclude: true}}\n---\n\n# {name}\n\n````{language}\n{text}````\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files outside `docs` that documents link to, and those that these link to."""
    waiting = [source_of(file.src_uri) for file in files.documentation_pages()]
    for source in waiting:
        for target in targets(source.read_text("utf-8"), source):
            place = page_of(target)
            if target.is_relative_to(DOCS) or files.get_file_from_path(place):
                continue
            if target.suffix in PICTURES:
                page = File.generated(config, place, abs_src_path=str(target))
            else:
                page = File.generated(config, place, content=content_of(target))
            page.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(page)
            if target.suffix == ".md":
                waiting.append(target)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fit a document for the site."""
    text = _MARK.sub("", markdown)
    return with_wide_lists(with_links(text, source_of(page.file.src_uri)))


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Leave out the second colon that announces a block of code in a docstring."""
    return html.replace("::</p>", ":</p>")
