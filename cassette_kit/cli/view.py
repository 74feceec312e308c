"""`cassette-kit view`: cassettes as pages for a browser."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The page to write; for a folder its index, or the folder for all pages.",
)
@click.option("--open", "opens", is_flag=True, help="Show it in the browser.")
@click.pass_context
def view(ctx: click.Context, paths: tuple[Path, ...], output: Path | None, opens: bool) -> None:
    """Write a cassette as a page for the browser.

    PATHS are one cassette, two that are shown side by side, or a folder, of which each cassette
    gets a page and an index lists them. A page is one file that loads nothing from anywhere.

    \b
    Example:
      cassette-kit view cassettes/test_agent.yaml -o agent.html --open
      cassette-kit view before.yaml after.yaml
      cassette-kit view tests/cassettes -o pages
    """
    if len(paths) > 2 or (len(paths) == 2 and any(path.is_dir() for path in paths)):
        raise click.UsageError("give one cassette, two cassettes or one folder")
    from cassette_kit.viewer import write_page

    is_folder = paths[0].is_dir()
    written, errors = _site(paths[0], output) if is_folder else (write_page(output, *paths), [])
    for error in errors:
        click.echo(f"Error: {error}", err=True)
    click.echo(f"wrote {click.format_filename(written)}")
    if opens:
        _show(written)
    ctx.exit(bool(errors))


def _site(root: Path, output: Path | None) -> tuple[Path, list[str]]:
    from cassette_kit.cli.files import cassettes
    from cassette_kit.viewer import write_site

    return write_site(output, cassettes([root]), root=root)


def _show(page: Path) -> None:
    import webbrowser

    webbrowser.open(page.absolute().as_uri())
