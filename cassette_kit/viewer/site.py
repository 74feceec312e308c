"""Pages on disk: one about a cassette or two, or one for each cassette of a folder and an index."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from cassette_kit import store
from cassette_kit.errors import CassetteError
from cassette_kit.store import disk
from cassette_kit.summary import Summary, summary
from cassette_kit.viewer import document, targets
from cassette_kit.viewer.data import page_data
from cassette_kit.viewer.outcomes import Outcomes, outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cassette_kit.model import Cassette

_SUFFIX = ".html"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder's index goes, and its pages."""

    index: Path
    pages: Path

    def page(self, below: Path) -> Path:
        """The page of a cassette, which is called by its path below the folder."""
        return self.pages / below.with_name(_page_name(below.name))

    def home(self, page: Path) -> str:
        """The address of the index in one of its pages."""
        return _address(self.index, page)


class Row(NamedTuple):
    """A line of the index: the page of a cassette, or why there is none."""

    file: str
    page: Path | None = None
    link: str = ""
    size: int | None = None
    summary: Summary | None = None
    outcomes: Outcomes | None = None
    error: CassetteError | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """What was written: the index, the errors that it shows, and the old pages that went."""

    index: Path
    errors: list[CassetteError]
    removed: list[Path]


def write_page(output: Path | None, *cassettes: Path) -> Path:
    """Write the page of one cassette, or of two side by side, and say where it is.

    `output` is the file or an existing folder, by default the working directory; a pipe, a device
    or `-`, which is standard output, get the page as it is.

    Raises:
        CassetteError: a cassette that cannot be read, a file there that is no such page, or a disk
            that refuses.
    """
    names = _names(cassettes)
    loaded = [*zip(names, map(store.load, cassettes), strict=True)]
    name = _page_name(*names)
    target = output / name if output and output.is_dir() else output or Path(name)
    targets.put(target, _page(loaded))
    return target


def write_site(output: Path | None, cassettes: Iterable[Path], *, root: Path) -> Site:
    """Write a page for each cassette below `root`, and an index that lists them.

    `output` is the folder for all of them, or the index, if it is called `.html`: then the pages go
    into a folder beside it. What cannot be read stands in the index with its error. Pages that this
    index once listed and lists no longer are removed.

    Raises:
        CassetteError: a file there that is no such page, or a disk that refuses.
    """
    title = root.resolve().name or "cassettes"
    place = _place(output or Path(f"{title}-pages"))
    targets.refuse_others(place.index)
    rows = [_row(place, path, root) for path in cassettes]
    targets.put(place.index, document.index(title, rows))
    listed = {row.page for row in rows}
    removed = [page for page in _pages_of(place) if page not in listed]
    for page in removed:
        disk.remove(page)
        disk.remove_empty([*takewhile(lambda folder: folder != place.pages, page.parents)])
    return Site(place.index, [row.error for row in rows if row.error], removed)


def _place(output: Path) -> Place:
    if output.suffix == _SUFFIX:
        return Place(output, output.with_name(f"{output.stem}-pages"))
    if output.exists() and not output.is_dir():
        raise CassetteError(
            f"{output}: not written: for a folder, name another folder, or an index that ends in"
            f" {_SUFFIX}"
        )
    return Place(output / "index.html", output)


def _row(place: Place, path: Path, root: Path) -> Row:
    below = path.relative_to(root)
    try:
        cassette = store.load(path)
    except CassetteError as error:
        return Row(str(below), error=error)
    page = place.page(below)
    targets.put(page, _page([(str(below), cassette)], home=place.home(page)))
    link = _address(page, place.index)
    size = path.stat().st_size
    return Row(str(below), page, link, size, summary(cassette), outcomes(cassette))


def _pages_of(place: Place) -> Iterator[Path]:
    """The pages on disk that lead to this index: no other file is the site's to remove."""
    for folder, _, names in os.walk(place.pages):
        for page in (Path(folder, name) for name in sorted(names) if name.endswith(_SUFFIX)):
            if page.is_file() and targets.home(page) == place.home(page):
                yield page


def _address(target: Path, page: Path) -> str:
    """How one page leads to another."""
    return quote(os.fsencode(Path(os.path.relpath(target, page.parent)).as_posix()))


def _page(loaded: list[tuple[str, Cassette]], *, home: str = "") -> str:
    title = " and ".join(name for name, _ in loaded)
    return document.page(title, page_data(*loaded), home=home)


def _page_name(*names: str) -> str:
    """`x.yaml.html`, which is neither an index nor the page of an `x.yml`."""
    return "-".join(names).replace("/", "-") + _SUFFIX


def _names(paths: Sequence[Path]) -> list[str]:
    """What to call cassettes: by the shortest ends of their paths that differ. The rest of a path
    is of no use to those whom the page is sent to."""
    parts = [Path(os.path.abspath(path)).parts for path in paths]
    for length in range(1, max(map(len, parts)) + 1):
        names = [Path(*one[-length:]).as_posix() for one in parts]
        if len(set(names)) == len(names):
            return names
    return [path.name for path in paths]
