"""The options of a tape: names, defaults, checks, and which of several settings wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from cassette_kit import chunking
from cassette_kit.errors import CassetteOptionError
from cassette_kit.matchers import DEFAULT_MATCH, MATCHERS, Comparison
from cassette_kit.matchers.rules import parse_normalise, parse_paths
from cassette_kit.model import Interaction
from cassette_kit.modes import ALIASES, MODES

if TYPE_CHECKING:
    import re

    from cassette_kit.json_path import Path

BeforeRecord = Callable[[Interaction], Interaction | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a tape was asked to do. Every value is checked; docs/options.md explains each.

    `pace` is the factor by which recorded delays are stretched: 0 for none, 1 as recorded.
    """

    mode: str = "once"
    match: tuple[str | Comparison, ...] = DEFAULT_MATCH
    ignore: tuple[Path, ...] = ()
    normalise: tuple[tuple[Path, re.Pattern[str], str], ...] = ()
    unordered: tuple[Path, ...] = ()
    repeats: bool = False
    unplayed: str = "ignore"
    pace: float = 0.0
    chunks: str = "recorded"
    redact: tuple[object, ...] = ()
    keep_headers: tuple[str, ...] = ()
    before_record: BeforeRecord | None = None
    record_errors: bool = False
    allow_hosts: tuple[str, ...] = ()
    intercept: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """Options from one place. `origin` names it in errors.

    `commands`: typed for this very run (command line, environment), so that in CI a recording mode
    is an error there and not quietly replay.
    """

    origin: str
    values: Mapping[str, Any]
    commands: bool = False


def resolve(layers: Sequence[Settings], environ: Mapping[str, str]) -> Options:
    """Merge settings, the strongest first, with the environment's rules for CI.

    Raises:
        CassetteOptionError: an unknown name, a value of the wrong kind, or a mode that records in
            CI asked for on the command line.
    """
    chosen: dict[str, tuple[Any, Settings]] = {}
    for layer in layers:
        for name, value in layer.values.items():
            if name == "cassette_dir":  # a setting of the pytest plugin, not of a tape
                continue
            _known(name, layer.origin)
            chosen.setdefault(name, (value, layer))
    values = {name: _CHECKS[name](name, value, s.origin) for name, (value, s) in chosen.items()}
    values["mode"] = _mode(values.get("mode"), chosen.get("mode", (None, _DEFAULT))[1], environ)
    return Options(**values)


def environment(environ: Mapping[str, str]) -> Settings:
    """What the environment asks for: `CASSETTE_MODE`."""
    mode = environ.get("CASSETTE_MODE")
    return Settings("CASSETTE_MODE", {"mode": mode} if mode else {}, commands=True)


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether `CI` is set, and not to an empty value, `0` or `false`."""
    return environ.get("CI", "").strip().lower() not in {"", "0", "false"}


_DEFAULT = Settings("the default", {})


def _mode(mode: str | None, layer: Settings, environ: Mapping[str, str]) -> str:
    if not in_ci(environ):
        return mode or "once"
    if mode in {None, "replay"} or not layer.commands:
        return "replay"
    if environ.get("CASSETTE_ALLOW_CI_RECORDING") == "1":
        return str(mode)
    raise CassetteOptionError(
        f"{layer.origin}: mode {mode!r} would go live, and CI is set; in CI only 'replay' is used. "
        "Unset CI, or set CASSETTE_ALLOW_CI_RECORDING=1 if this job is meant to record"
    )


def _known(name: str, origin: str) -> None:
    if name in _CHECKS:
        return
    hint = _meant(name, _CHECKS) or f"; options are {', '.join(_CHECKS)}"
    raise CassetteOptionError(f"{origin}: no option {name!r}{hint}")


def _meant(value: object, names: Iterable[str]) -> str:
    import difflib  # wrong names are rare

    near = difflib.get_close_matches(str(value), names, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _wrong(name: str, value: object, origin: str, expected: str) -> CassetteOptionError:
    return CassetteOptionError(f"{origin}: {name}={value!r}, expected {expected}")


def _choice(*allowed: str, aliases: Mapping[str, str] | None = None) -> Callable[..., str]:
    def check(name: str, value: object, origin: str) -> str:
        word = (aliases or {}).get(str(value), value)
        if word not in allowed:
            raise _wrong(
                name, value, origin, " or ".join(map(repr, allowed)) + _meant(value, allowed)
            )
        return str(word)

    return check


def _boolean(name: str, value: object, origin: str) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "false": False}
    if not isinstance(value, str) or value.lower() not in words:
        raise _wrong(name, value, origin, "true or false")
    return words[value.lower()]


def _texts(name: str, value: object, origin: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _wrong(name, value, origin, "a list of texts")
    items = tuple(value)
    if not all(isinstance(item, str) for item in items):
        raise _wrong(name, value, origin, "a list of texts")
    return items


def _matchers(name: str, value: object, origin: str) -> tuple[str | Comparison, ...]:
    names = ", ".join(MATCHERS)
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _wrong(name, value, origin, f"a list of {names} or callables")
    items = tuple(value)
    odd = [item for item in items if not callable(item) and item not in MATCHERS]
    if odd or not items:
        hint = _meant(odd[0], MATCHERS) if odd else ""
        raise _wrong(name, value, origin, f"a list of {names} or callables{hint}")
    return items


def _pace(name: str, value: object, origin: str) -> float:
    named = {"instant": 0.0, "recorded": 1.0}
    if isinstance(value, str) and value in named:
        return named[value]
    try:
        speed = float(value)  # type: ignore[arg-type]  # whatever it is, ValueError or TypeError
    except (TypeError, ValueError):
        speed = 0.0
    if isinstance(value, bool) or not 0 < speed < float("inf"):
        raise _wrong(name, value, origin, "'instant', 'recorded' or a speed such as 4")
    return 1 / speed


def _chunks(name: str, value: object, origin: str) -> str:
    if value == "recorded":
        return "recorded"
    try:
        chunking.check_how(str(value))
    except CassetteOptionError as error:
        raise CassetteOptionError(f"{origin}: {name}={value!r}: {error}") from None
    return str(value)


def _callable(name: str, value: Any, origin: str) -> Any:
    if value is not None and not callable(value):
        raise _wrong(name, value, origin, "a function of an interaction")
    return value


def _paths(name: str, value: object, origin: str) -> tuple[Path, ...]:
    return parse_paths(f"{origin}: {name}", _texts(name, value, origin))


def _normalise(name: str, value: object, origin: str) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong(name, value, origin, 'a mapping of JSON paths or "*" to kinds')
    return parse_normalise(f"{origin}: {name}", value)


def _list(name: str, value: object, origin: str) -> tuple[object, ...]:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise _wrong(name, value, origin, "a list")
    return tuple(value)


_CHECKS: Mapping[str, Callable[[str, Any, str], Any]] = {
    "mode": _choice(*MODES, aliases=ALIASES),
    "match": _matchers,
    "ignore": _paths,
    "normalise": _normalise,
    "unordered": _paths,
    "repeats": _boolean,
    "unplayed": _choice("ignore", "warn", "fail"),
    "pace": _pace,
    "chunks": _chunks,
    "redact": _list,
    "keep_headers": _texts,
    "before_record": _callable,
    "record_errors": _boolean,
    "allow_hosts": _texts,
    "intercept": _boolean,
}

OPTION_NAMES = tuple(field.name for field in fields(Options))
