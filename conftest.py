"""Shared set-up of the tests: async tests run on asyncio and on trio."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]
pytest.register_assert_rewrite("agents", "scratch")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)
