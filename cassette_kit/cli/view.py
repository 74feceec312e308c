"""`cassette-kit view`: cassettes as pages for a browser."""

from __future__ import annotations

from pathlib import Path

import click

from cassette_kit.cli import files, output


@click.command()
@click.argument("paths", nargs=-1, required=True, type=files.NamedPath(path_type=Path))
@click.option(
    "-o",
    "--output",
    "out",
    type=files.NamedPath(path_type=Path, allow_dash=True),
    help="The page to write, - for stdout; for a folder its index, or the folder for all pages.",
)
@click.option("--open", "opens", is_flag=True, help="Show it in the browser.")
@click.pass_context
def view(ctx: click.Context, paths: tuple[Path, ...], out: Path | None, opens: bool) -> None:
    """Write a cassette as a page for the browser.

    PATHS are one cassette, two that are shown side by side, or a folder, of which each cassette
    gets a page and an index lists them. A page is one file that loads nothing from anywhere.

    Exit code 0: written; 1: a file cannot be read or written; 2: a wrong call.

    \b
    Example:
      cassette-kit view cassettes/test_agent.yaml -o agent.html --open
      cassette-kit view before.yaml after.yaml
      cassette-kit view tests/cassettes -o pages
      cassette-kit view cassettes/test_agent.yaml -o - | gzip > agent.html.gz
    """
    if len(paths) > 2 or (len(paths) == 2 and any(path.is_dir() for path in paths)):
        raise click.UsageError("give one cassette, two cassettes or one folder")
    is_passed_on = out is not None and _passes_on(out)
    if out and is_passed_on and (opens or paths[0].is_dir()):
        raise click.UsageError(f"{output.shown(out)}: one page goes there, and no browser reads it")
    if paths[0].is_dir():
        written, failed = _site(paths[0], out)
    else:
        written, failed = _page(paths, out), False
    if not is_passed_on:
        click.echo(f"wrote {output.shown(written)}")
    if opens:
        _show(written)
    ctx.exit(failed)


def _passes_on(out: Path) -> bool:
    """Whether the page goes to stdout, a pipe or a device: it stands there alone."""
    from cassette_kit.viewer import targets

    return targets.passes_on(out)


def _page(paths: tuple[Path, ...], out: Path | None) -> Path:
    from cassette_kit.viewer import write_page

    return write_page(out, *paths)


def _site(root: Path, out: Path | None) -> tuple[Path, bool]:
    """The index, and whether a cassette could not be read."""
    from cassette_kit.viewer import write_site

    found = files.cassettes([root])
    if not found:
        raise click.exceptions.Exit(1)  # what is missing has been told
    site = write_site(out, output.tracked(found, "Writing"), root=root)
    for error in site.errors:
        output.print_error(error)
    for page in site.removed:
        click.echo(f"removed {output.shown(page)}: its cassette is gone, or cannot be read")
    return site.index, bool(site.errors)


def _show(page: Path) -> None:
    import webbrowser

    webbrowser.open(page.absolute().as_uri())
