"""How opening grows with the number of recordings

Open for replay and play the first call, as above, of cassettes with more and more small JSON
exchanges. Both axes are logarithmic.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench import opening
from bench.cassettes import one_file, small

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.extent import Extent
    from bench.measuring import Row

X_AXIS = "recordings"


def rows(extent: Extent) -> Iterator[Row]:
    for count in extent.counts:
        case = one_file(f"{count:,} small JSON", lambda count=count: map(small, range(count)))  # type: ignore[misc]
        with TemporaryDirectory() as folder:
            yield opening.row(case, Path(folder), x=count)
