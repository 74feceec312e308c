"""Pages on disk: one about a cassette or two, or one for each cassette of a folder and an index."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from cassette_kit import store
from cassette_kit.errors import CassetteError
from cassette_kit.summary import Summary, summary
from cassette_kit.viewer import document, targets
from cassette_kit.viewer.data import page_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cassette_kit.model import Cassette


class Row(NamedTuple):
    """A line of the index: the page of a cassette, or why there is none."""

    file: str
    size: int
    link: str = ""
    summary: Summary | None = None
    error: CassetteError | None = None


def write_page(output: Path | None, *cassettes: Path) -> Path:
    """Write the page of one cassette, or of two side by side, and say where it is.

    `output` is the file or an existing folder, by default the working directory; a pipe, a device
    or `-`, which is standard output, get the page as it is.

    Raises:
        CassetteError: a cassette that cannot be read, a file there that is no such page, or a disk
            that refuses.
    """
    loaded = [*zip(_names(cassettes), map(store.load, cassettes), strict=True)]
    name = _page_name(*cassettes)
    target = output / name if output and output.is_dir() else output or Path(name)
    targets.put(target, _page(loaded))
    return target


def write_site(
    output: Path | None, cassettes: Iterable[Path], *, root: Path
) -> tuple[Path, list[CassetteError]]:
    """Write a page for each cassette below `root`, and an index that lists them.

    `output` is the index, if it is called `.html`, else its folder; the pages go beside it. Returns
    where the index is, and the errors of those that cannot be read, which it shows, too.

    Raises:
        CassetteError: a file there that is no such page, or a disk that refuses.
    """
    title = root.resolve().name or "cassettes"
    place = output or Path(f"{title}-pages")
    target = place if place.suffix == ".html" else place / "index.html"
    rows = [_row(target, path, root) for path in cassettes]
    targets.put(target, document.index(title, rows))
    return target, [row.error for row in rows if row.error]


def _row(index: Path, path: Path, root: Path) -> Row:
    below = path.relative_to(root)
    file = str(below)
    size = path.stat().st_size
    try:
        cassette = store.load(path)
    except CassetteError as error:
        return Row(file, size, error=error)
    link = below.with_name(_page_name(below))
    target = index.parent / link
    home = _address(Path(os.path.relpath(index, target.parent)))
    targets.put(target, _page([(file, cassette)], home=home))
    return Row(file, size, _address(link), summary(cassette))


def _address(path: Path) -> str:
    return quote(os.fsencode(path.as_posix()))


def _page(loaded: list[tuple[str, Cassette]], *, home: str = "") -> str:
    title = " and ".join(name for name, _ in loaded)
    return document.page(title, page_data(*loaded), home=home)


def _page_name(*cassettes: Path) -> str:
    """`x.yaml.html`, which is neither an index nor the page of an `x.yml`."""
    return "-".join(path.name for path in cassettes) + ".html"


def _names(paths: Sequence[Path]) -> list[str]:
    """What to call cassettes: by their names, and where these are equal by their folders, too. The
    rest of a path is of no use to those whom the page is sent to."""
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        names = [str(Path(*path.absolute().parts[-2:])) for path in paths]
    return names
