"""How opening grows with the size of a body

Open for replay and play the one call, as above, of a cassette with one stream that is longer and
longer. Both axes are logarithmic.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench import opening
from bench.cassettes import megabytes, one_file, streamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.extent import Extent
    from bench.measuring import Row

X_AXIS = "bytes of the body"
EVENT_BYTES = len(streamed(0, 1).response.body)


def rows(extent: Extent) -> Iterator[Row]:
    for size in extent.body_sizes:
        events = max(1, size // EVENT_BYTES)
        case = one_file(f"a body of {megabytes(size)}", lambda e=events: [streamed(0, e)])  # type: ignore[misc]
        with TemporaryDirectory() as folder:
            yield opening.row(case, Path(folder), x=size)
