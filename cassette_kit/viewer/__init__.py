"""A cassette as one HTML file that asks no host for anything.

Strategy: what a cassette says is worked out here and goes into the page as plain JSON, in a script
element that is never run; the page's own scripts make text nodes of it. The content security policy
allows those scripts and styles by their hashes, and nothing else.
"""

from __future__ import annotations

from cassette_kit.viewer.site import write_page, write_site

__all__ = ["write_page", "write_site"]
