"""The page of formats says what the registry says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from braggite.formats.readers.refused import REFUSALS
from braggite.formats.registry import readers

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "formats.md"
MARK = "<!-- the tables are written by pytest tests/formats/test_formats_page.py --update-golden -->"


def table(titles: list[str], rows: list[list[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *sorted(rows, key=lambda row: row[0].lower())]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def suffixes(names: tuple[str, ...]) -> str:
    return " ".join(f"`{name}`" for name in names)


def tables() -> str:
    refused = {refusal.name: refusal for refusal in REFUSALS}
    read = [
        [reader.title, f"`{reader.name}`", suffixes(reader.suffixes), reader.reads, reader.sigma, reader.refuses]
        for reader in readers()
        if reader.name not in refused
    ]
    known = [[refusal.title, suffixes(refusal.suffixes), refusal.advice] for refusal in REFUSALS]
    return (
        f"{MARK}\n\n{table(['format', 'name', 'suffixes', 'what is read', 'standard deviations', 'refused'], read)}"
        f"\n## What is recognised and refused\n\n{table(['format', 'suffixes', 'what to do'], known)}"
    )


def test_the_page_says_what_the_registry_says(request: pytest.FixtureRequest) -> None:
    head, mark, tail = PAGE.read_text(encoding="utf-8").partition(MARK)
    if request.config.getoption("--update-golden"):
        PAGE.write_text(head + tables(), encoding="utf-8", newline="\n")
    else:
        assert mark + tail == tables(), "run pytest tests/formats/test_formats_page.py --update-golden"


def test_every_reader_says_what_its_sigma_means() -> None:
    assert [reader.name for reader in readers() if not reader.sigma] == [refusal.name for refusal in REFUSALS]
