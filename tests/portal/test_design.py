"""The visual language holds: contrast in both themes, a strict CSP in every template, icons that exist."""

from __future__ import annotations

import gzip
import re
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from portal.templatetags.countersign import icon

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "static"
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
STYLES = (STATIC / "app.css").read_text()
PAIR = r"light-dark\((#\w+), (#\w+)\)"
TONES = re.findall(rf'\[data-tone="(\w+)"\] {{ --tone: {PAIR}; --tone-tint: {PAIR}', STYLES)
PAIRS = {name: (light, dark) for name, light, dark in re.findall(rf"(--[a-z-]+): {PAIR}", STYLES)}
TEXTS = ("--ink", "--soft", "--accent", "--accent-deep")
GROUNDS = ("--paper", "--sheet", "--sunk", "--tint")


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *product(TEXTS, GROUNDS),
        ("--on-accent", "--accent"),
        ("--on-accent", "--accent-deep"),
    ],
)
def test_text_has_the_contrast_of_wcag_aa(text: str, ground: str, theme: int) -> None:
    assert contrast(PAIRS[text][theme], PAIRS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["--paper", "--sheet", "--sunk"])
def test_edges_of_controls_can_be_seen(ground: str, theme: int) -> None:
    assert contrast(PAIRS["--edge"][theme], PAIRS[ground][theme]) >= 3


@pytest.mark.parametrize("tone", TONES, ids=[tone[0] for tone in TONES])
def test_tones_can_be_read_on_their_tint_and_on_paper(tone: tuple[str, str, str, str, str]) -> None:
    _name, light, dark, light_tint, dark_tint = tone
    for theme, (words, tint) in enumerate(((light, light_tint), (dark, dark_tint))):
        for ground in (tint, PAIRS["--paper"][theme], PAIRS["--sheet"][theme]):
            assert contrast(words, ground) >= 4.5


def test_every_tone_that_python_names_is_in_the_sheet() -> None:
    assert len(TONES) == 6
    assert '[data-tone="accent"]' in STYLES


@pytest.mark.parametrize("name", PAGES)
def test_templates_compile_and_obey_the_strict_csp(name: str) -> None:
    source = (TEMPLATES / name).read_text()
    get_template(name)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)


@pytest.mark.parametrize("name", PAGES)
def test_icons_of_templates_exist(name: str) -> None:
    for icon_name in re.findall(r'\{% icon "([^"]+)"', (TEMPLATES / name).read_text()):
        assert "<svg" in icon(icon_name)


def test_css_and_javascript_stay_small() -> None:
    """All that a page loads, by the names that the frame of every page gives."""
    page = get_template("login.html").render({"theme": "", "form": {}})
    names = re.findall(r'(?:src|href)="/static/([^"]+\.(?:css|js))"', page)
    assert {"app.css", "app.js"} < set(names)
    found = {name: finders.find(name) for name in names}
    assert sum(len(gzip.compress(Path(path or "").read_bytes())) for path in found.values()) < 60_000


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert not re.search(r"url\(\"?(https?:)?//", STYLES)
    assert all((STATIC / name).is_file() for name in re.findall(r'url\("([^"]+)"\)', STYLES))
