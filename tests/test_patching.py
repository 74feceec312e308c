"""Patches share one wrapper, never overwrite anybody else's, and leave nothing behind."""

from __future__ import annotations

import asyncio
import inspect
import random
import threading
from types import ModuleType
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassette_kit.clients.patching import Patch, tidy


def tagging(tag):
    """A maker whose wrapper puts `tag` in front of what the function returns."""

    def make_wrapper(original):
        def wrapper(*args, **kwargs):
            return [tag, *original(*args, **kwargs)]

        async def async_wrapper(*args, **kwargs):
            return [tag, *await original(*args, **kwargs)]

        return async_wrapper if inspect.iscoroutinefunction(original) else wrapper

    return make_wrapper


class Base:
    def call(self, word="x"):
        return [word]


def owners():
    """An owner of each kind, and how to call its attribute `call`."""

    class Own:
        def call(self, word="x"):
            return [word]

    class Heir(Base):
        pass

    def call_module(*args):
        return module.call(*args)

    module = ModuleType("module")
    module.call = lambda word="x": [word]
    return {
        "own": (Own, lambda *args: Own().call(*args)),
        "inherited": (Heir, lambda *args: Heir().call(*args)),
        "module": (module, call_module),
    }


@pytest.fixture(params=["own", "inherited", "module"])
def place(request):
    return owners()[request.param]


def held(owner):
    return vars(owner).get("call", "not there")


def test_the_last_release_restores_the_attribute_itself(place):
    """An inherited attribute would stay behind as a copy, or the wrapper go with its first user."""
    owner, call = place
    before = held(owner)
    patch = Patch(owner, "call", tagging("a"))
    patch.acquire()
    patch.acquire()
    assert call("w") == ["a", "w"]
    patch.release()
    assert call("w") == ["a", "w"]
    patch.release()
    assert call("w") == ["w"]
    assert held(owner) is before


def test_equal_patches_share_one_wrapper(place):
    """Two tapes on one client would each handle a request."""
    owner, call = place
    maker = tagging("a")
    Patch(owner, "call", maker).acquire()
    Patch(owner, "call", maker).acquire()
    assert call() == ["a", "x"]
    Patch(owner, "call", maker).release()
    Patch(owner, "call", maker).release()
    assert call() == ["x"]


def test_releasing_too_often_is_an_error():
    """A tape that closed twice would take away another tape's wrapper."""
    patch = Patch(Base, "call", tagging("a"))
    with pytest.raises(KeyError):
        patch.release()
    assert Base().call() == ["x"]


def test_patches_of_two_kinds_close_in_any_order(place):
    """The one below would be put back over the one above, or stay behind it."""
    owner, call = place
    before = held(owner)
    lower, upper = Patch(owner, "call", tagging("a")), Patch(owner, "call", tagging("b"))
    lower.acquire()
    upper.acquire()
    assert call() == ["b", "a", "x"]
    lower.release()
    assert call() == ["b", "x"]
    upper.release()
    assert held(owner) is before


def foreign(owner):
    """Somebody else's patch, which remembers what it found as unittest.mock does."""
    found = owner.call
    return mock.patch.object(owner, "call", lambda *args: ["foreign", *found(*args)])


def test_a_foreign_patch_above_is_left_alone(place):
    """Closing a tape would undo respx's or monkeypatch's work in the middle of a test."""
    owner, call = place
    patch = Patch(owner, "call", tagging("a"))
    patch.acquire()
    with foreign(owner):
        above = held(owner)
        patch.release()
        assert held(owner) is above
        assert call() == ["foreign", "x"]


@pytest.mark.parametrize("event", ["called", "tidied", "another patch comes"])
def test_a_covered_wrapper_goes_once_it_is_uncovered(place, event):
    """A pass-through would stay in the class for the rest of the process."""
    owner, call = place
    before = held(owner)
    patch = Patch(owner, "call", tagging("a"))
    patch.acquire()
    with foreign(owner):
        patch.release()
    other = Patch(Base, "call", tagging("b"))
    {"called": call, "tidied": tidy, "another patch comes": other.acquire}[event]()
    assert held(owner) is before
    if event == "another patch comes":
        other.release()


def test_a_patch_taken_again_while_covered_is_on_top_once(place):
    """Its old wrapper would answer for the new one, below the foreign patch or a second time."""
    owner, call = place
    before = held(owner)
    patch = Patch(owner, "call", tagging("a"))
    patch.acquire()
    with foreign(owner):
        patch.release()
        patch.acquire()
        assert call() == ["a", "foreign", "x"]
        patch.release()
    tidy()
    assert held(owner) is before


def test_a_foreign_patch_that_leaves_first_takes_the_wrapper_along_only_for_a_moment(place):
    """The next tape would count itself a user of a wrapper that is no longer there."""
    owner, call = place
    before = held(owner)
    patch = Patch(owner, "call", tagging("a"))
    with foreign(owner):
        patch.acquire()
    assert call() == ["x"]  # nobody could have prevented that
    patch.acquire()
    assert call() == ["a", "x"]
    patch.release()
    patch.release()
    assert held(owner) is before


def test_async_functions_stay_async_and_keep_their_names():
    """Frameworks that ask `iscoroutinefunction` would run the coroutine as a plain result."""

    class Owner:
        async def call(self, word):
            """What it says."""
            return [word]

    patch = Patch(Owner, "call", tagging("a"))
    patch.acquire()
    try:
        assert inspect.iscoroutinefunction(Owner.call)
        assert (Owner.call.__name__, Owner.call.__doc__) == ("call", "What it says.")
        assert asyncio.run(Owner().call("w")) == ["a", "w"]
    finally:
        patch.release()
    assert asyncio.run(Owner().call("w")) == ["w"]


def test_a_reference_taken_while_patched_passes_straight_through_afterwards():
    """`from module import call` during a test would keep the tape's behaviour for ever."""
    module, _ = owners()["module"]
    patch = Patch(module, "call", tagging("a"))
    patch.acquire()
    kept = module.call
    patch.release()
    assert kept("w") == ["w"]


@settings(deadline=None, max_examples=300)
@given(
    kind=st.sampled_from(["own", "inherited", "module"]),
    steps=st.lists(st.sampled_from(["+a", "-a", "+b", "-b", "+foreign", "-foreign", "call"])),
    seed=st.integers(0, 9),
)
def test_any_interleaving_leaves_nothing_patched(kind, steps, seed):
    """Some order of closing would leave a wrapper behind, double one, or lose one in use."""
    owner, call = owners()[kind]
    before = held(owner)
    patches = {tag: Patch(owner, "call", tagging(tag)) for tag in "ab"}
    users = {"a": 0, "b": 0}
    mocks = []

    def take(step):
        sign, subject = step[0], step[1:]
        if step == "call":
            call()
        elif step == "+foreign":
            mocks.append(foreign(owner))
            mocks[-1].start()
        elif step == "-foreign" and mocks:
            mocks.pop().stop()
        elif sign == "+":
            patches[subject].acquire()
            users[subject] += 1
        elif users.get(subject):
            patches[subject].release()
            users[subject] -= 1

    for step in steps:
        take(step)
        tidy()
        answer = call()
        assert {tag: answer.count(tag) for tag in users} == {
            tag: min(count, 1) for tag, count in users.items()
        }
        assert answer.count("foreign") == len(mocks)
    rest = ["-a"] * users["a"] + ["-b"] * users["b"] + ["-foreign"] * len(mocks)
    random.Random(seed).shuffle(rest)
    for step in rest:
        take(step)
    tidy()
    assert held(owner) is before


def test_threads_that_open_and_close_at_once_leave_nothing(place):
    """A lost update would leave the count above zero, or take the wrapper from a user."""
    owner, call = place
    before = held(owner)
    patch = Patch(owner, "call", tagging("a"))
    failures = []

    def use(seed):
        order = random.Random(seed)
        for _ in range(200):
            patch.acquire()
            if call() != ["a", "x"]:
                failures.append(seed)
            if order.random() < 0.5:
                call()
            patch.release()

    threads = [threading.Thread(target=use, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert held(owner) is before
