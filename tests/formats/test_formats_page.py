"""The page of formats says what the registry says."""

from __future__ import annotations

import csv
import textwrap
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from tests.formats.robustness import BYTES, CUTS, FLIPS, SECONDS, WRONG_SUFFIXES
from validation.formats import COMMITTED

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
        f"\n## What became of the sample files\n\n{samples_section()}"
    )


def samples_section() -> str:
    """The figures of the committed table of samples, by reader."""
    with COMMITTED.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    by_reader = defaultdict(list)
    for row in rows:
        by_reader[row["reader"]].append(row)

    def cells(name: str, own: list[dict[str, str]]) -> list[str]:
        opened = sum(row["outcome"] == "opened" for row in own)
        read, refused = (sum(int(row[key]) for row in own) for key in ("hostile_read", "hostile_refused"))
        worst = [f"{max(float(row[key]) for row in own):g}" for key in ("hostile_seconds", "hostile_mb")]
        return [name, str(opened), str(len(own) - opened), str(read), str(refused), *worst]

    total = cells("all", rows)
    n_variants = int(total[3]) + int(total[4])
    body = [cells(name if name != "-" else "no reader", own) for name, own in by_reader.items()]
    titles = ["reader", "files opened", "refused", "variants read", "refused", "at most s", "at most MB"]
    text = (
        f"`validation/formats.tsv` says of each of {len(rows)} sample files how many scans and points it holds, its "
        f"first and last values, or why it is refused. {total[1]} open. Each was also cut at {CUTS} places, had "
        f"{FLIPS} bytes replaced in turn and was given {len(WRONG_SUFFIXES)} wrong suffixes: {n_variants} "
        f"variants, of which {total[3]} were read and {total[4]} refused with a message that names the file; nothing "
        f"else was raised. Each was allowed {SECONDS:g} s of processor time and {BYTES >> 20} MB of further memory; "
        f"the slowest took {total[5]} s, and the process grew by {total[6]} MB at most. A replaced digit is a digit, "
        "and a table without an end mark reads after a cut: shorter, never with half a last row."
    )
    return f"{textwrap.fill(text, 118)}\n\n{table(titles, body)}"


def test_the_page_says_what_the_registry_says(request: pytest.FixtureRequest) -> None:
    head, mark, tail = PAGE.read_text(encoding="utf-8").partition(MARK)
    if request.config.getoption("--update-golden"):
        PAGE.write_text(head + tables(), encoding="utf-8", newline="\n")
    else:
        assert mark + tail == tables(), "run pytest tests/formats/test_formats_page.py --update-golden"


def test_every_reader_says_what_its_sigma_means() -> None:
    assert [reader.name for reader in readers() if not reader.sigma] == [refusal.name for refusal in REFUSALS]
