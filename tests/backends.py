"""Which loops a test module runs on, where that is not every one: import the fixture to say so."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """asyncio alone: under trio the SDKs leave generators unclosed, whatever answers them."""
    return "asyncio"
