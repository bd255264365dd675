"""All scans of known phases against the whole shipped library, without elements; and the ranks of the true phases.

``python -m validation.whole_library`` writes ``docs/whole-library.md``. With ``--nominate FILE.bgx`` only the ranks are
measured, among the phases of a built library that holds the shipped ones.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import braggite as bg
from braggite.identification.nomination import Nomination
from braggite.matching.options import OF_AN_IDENTIFICATION, on_background
from braggite.matching.pattern import engine_pattern
from validation import commercial_powders, equal_weight, scoring, simulated, weighed
from validation.markdown import head, line, number
from validation.provenance import ROOT, code_state

if TYPE_CHECKING:
    from validation.samples import Sample, Table

PAGE = ROOT / "docs" / "whole-library.md"
LEAST_WEIGHT_FRACTION = 0.05
NOMINEES = 200
TOPS = (10, 25, 50, 100, 200)
AIM = 0.9

HEAD = """# The whole library, no elements given

The scans of the [validation](validation.md) and nine of commercial powders (S08), identified among all {phases} shipped
phases. `python -m validation.whole_library` measures it and writes this page. Counted are true phases of at least
5 wt%; recall is the share called *present*, precision the share of true ones among all phases called *present*.
*Nominated among the first n* is the rank of a true phase in the search through lines, before anything is fitted.

Measured on {date} at commit `{commit}`{modified}; {scans} scans whose labels are not in doubt, one thread each.
Aims: recall and precision at least 90 %. Reached over all scans: recall {recall}, precision {precision}.

"""


def main() -> int:
    """0 done; 1 when a scan raised; 2 without data."""
    parser = argparse.ArgumentParser(prog="python -m validation.whole_library", description=__doc__)
    parser.add_argument("--nominate", type=Path, metavar="FILE", help="measure only ranks, in this built library")
    parser.add_argument("--every", type=int, default=1, help="of every so many scans the first")
    parser.add_argument("--workers", type=int, default=2, help="processes (each on one thread)")
    options = parser.parse_args()
    folder = os.environ.get("BRAGGITE_TEST_DATA")
    if not folder:
        print("validation: set BRAGGITE_TEST_DATA to the folder of test data", file=sys.stderr)
        return 2
    tables = [thinned(table, options.every) for table in without_elements(Path(folder))]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.workers, mp_context=context) as pool:
        ranks = {table.name: list(pool.map(Ranks(options.nominate), table.samples)) for table in tables}
        if options.nominate is not None:
            sys.stdout.write(ranks_table(ranks))
            return 0
        rows = {table.name: list(pool.map(scoring.score, table.samples)) for table in tables}
    text = page(rows, ranks)
    sys.stdout.write(text)
    if options.every == 1:
        PAGE.write_text(text, encoding="utf-8")
    raised = [row for table in rows.values() for row in table if row["error"]]
    for row in raised:
        print(f"{row['file']} raised:\n{row['error']}", file=sys.stderr)
    return int(bool(raised))


def without_elements(data: Path) -> list[Table]:
    """Every table, its analysis told nothing, without the scans whose labels are in doubt."""
    tables = [equal_weight.table(data), weighed.table(data), commercial_powders.table(data)]
    tables += [simulated.table(data, job) for job in simulated.TITLES]
    return [
        replace(table, samples=tuple(replace(s, elements=None) for s in table.samples if not s.doubtful))
        for table in tables
    ]


def thinned(table: Table, every: int) -> Table:
    """The first of every so many scans."""
    return replace(table, samples=table.samples[::every])


class Ranks:
    """Place of each true phase among the nominees of a scan (None: not among them), and the time that took."""

    def __init__(self, built: Path | None) -> None:
        self.built = built

    def __call__(self, sample: Sample) -> dict[str, Any]:
        """The ranks of one scan."""
        library = scoring.library() if self.built is None else bg.ReferenceLibrary.load(self.built)
        pattern = engine_pattern(bg.read(sample.path), on_background(bg.MatchOptions(), OF_AN_IDENTIFICATION))
        nomination = Nomination.of(library)
        start = time.perf_counter()
        names = [nominee.phase.name for nominee in nomination.nominees(pattern, NOMINEES)]
        seconds = time.perf_counter() - start
        accepted = [{scoring.library()[slug].name for slug in phase.accepted} for phase in counted(sample)]
        places = [[names.index(name) for name in own if name in names] for own in accepted]
        return {"ranks": [min(own, default=None) for own in places], "seconds": seconds, "n_phases": len(library)}


def counted(sample: Sample) -> list[Any]:
    """Its phases that count."""
    return [phase for phase in sample.phases if phase.weight_fraction >= LEAST_WEIGHT_FRACTION]


def page(rows: dict[str, list[dict[str, Any]]], ranks: dict[str, list[dict[str, Any]]]) -> str:
    """The page in Markdown."""
    state = code_state()
    everything = [row for table in rows.values() for row in table]
    recall, precision = recall_and_precision(everything)
    text = HEAD.format(
        phases=len(scoring.library()),
        date=state["date"],
        commit=(state["commit"] or "unknown")[:12],
        modified=" with local changes" if state["modified"] else "",
        scans=len(everything),
        recall=number(recall),
        precision=number(precision),
    )
    text += head(("scans", "phases", "recall", "present or possible", "precision", "false present", "s, median", "max"))
    for name, own in [*rows.items(), ("all", everything)]:
        text += figures(name, own)
    return text + "\n" + ranks_table(ranks) + "\n" + faults(rows)


def recall_and_precision(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Shares of true phases called present, and of true phases among those called present."""
    verdicts = _verdicts(rows)
    true = sum(phase["verdict"] == "present" for row in rows for phase in row["phases"])
    false = sum(len(row["false_present"]) for row in rows)
    return verdicts.count("present") / len(verdicts), true / max(true + false, 1)


def figures(name: str, rows: list[dict[str, Any]]) -> str:
    """One row of the first table."""
    verdicts = _verdicts(rows)
    recall, precision = recall_and_precision(rows)
    seconds = [row["seconds"] for row in rows if row["seconds"] is not None]
    return line(
        f"{name} ({len(rows)})",
        str(len(verdicts)),
        number(recall),
        number(1 - verdicts.count("missed") / len(verdicts)),
        number(precision),
        str(sum(len(row["false_present"]) for row in rows)),
        number(statistics.median(seconds)),
        number(max(seconds)),
    )


def _verdicts(rows: list[dict[str, Any]]) -> list[str]:
    phases = [phase for row in rows for phase in row["phases"]]
    return [phase["verdict"] for phase in phases if phase["weight_fraction"] >= LEAST_WEIGHT_FRACTION]


def ranks_table(ranks: dict[str, list[dict[str, Any]]]) -> str:
    """Shares of true phases nominated among the first n."""
    everything = [row for table in ranks.values() for row in table]
    text = head(("scans", "phases in the library", *(f"among the first {top}" for top in TOPS), "s, median", "max"))
    for name, rows in [*ranks.items(), ("all", everything)]:
        places = [NOMINEES if rank is None else rank for row in rows for rank in row["ranks"]]
        shares = [number(sum(place < top for place in places) / len(places)) for top in TOPS]
        seconds = [row["seconds"] for row in rows]
        sizes = str(rows[0]["n_phases"])
        text += line(name, sizes, *shares, number(statistics.median(seconds)), number(max(seconds)))
    return text


def faults(rows: dict[str, list[dict[str, Any]]]) -> str:
    """What was not called present although it is there, and what was although it is not."""
    text = head(("scan", "not present", "false present"))
    for table in rows.values():
        for row in table:
            lost = [
                f"{phase['label']} ({phase['verdict']})"
                for phase in row["phases"]
                if phase["weight_fraction"] >= LEAST_WEIGHT_FRACTION and phase["verdict"] != "present"
            ]
            false = [phase["name"] for phase in row["false_present"]]
            if lost or false:
                text += line(row["file"], ", ".join(lost) or "-", ", ".join(false) or "-")
    return text


if __name__ == "__main__":
    sys.exit(main())
