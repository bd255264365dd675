"""Run the tables, write ``validation/results.json`` and ``docs/validation.md``; or check a slice against them."""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from validation import coverage, equal_weight, page, recall, references, scoring, simulated, weighed
from validation.provenance import ROOT, code_state
from validation.samples import Sample, Table
from validation.whole_pattern import tables as whole_pattern

RESULTS = ROOT / "validation" / "results.json"
PAGE = ROOT / "docs" / "validation.md"
SLICE_SEED = 20260115
SLICE_SCANS = 4
SLICE_SECONDS = 240.0
WORST_DROP = 0.1


def main() -> int:
    """0 done; 1 when a scan raised or the slice fell behind the committed results; 2 without data."""
    parser = argparse.ArgumentParser(prog="dev.py validate", description=__doc__)
    parser.add_argument("--slice", action="store_true", help="a seeded part, compared with the committed results")
    parser.add_argument("--workers", type=int, default=2, help="processes (each on one thread)")
    parser.add_argument("-o", "--output", type=Path, help="also write the results of a slice here")
    options = parser.parse_args()
    folder = os.environ.get("BRAGGITE_TEST_DATA")
    if not folder:
        say("validation: set BRAGGITE_TEST_DATA to the folder of test data")
        return 2
    tables = all_tables(Path(folder))
    if options.slice:
        tables = [slice_of(table) for table in tables]
    results = run(tables, options.workers, deadline=SLICE_SECONDS if options.slice else None)
    report(results)
    if not options.slice:
        write(results, RESULTS)
        PAGE.write_text(page.render(results), encoding="utf-8")
    elif options.output:
        write(results, options.output)
    lost = lost_aims(Path(folder)) if options.slice else []
    return judge(results, against_committed=options.slice) or int(bool(lost))


def all_tables(data: Path) -> list[Table]:
    """Every table, in the order of the page."""
    return [equal_weight.table(data), weighed.table(data), *(simulated.table(data, job) for job in simulated.TITLES)]


def lost_aims(data: Path) -> list[str]:
    """Aims of whole-pattern matching that the committed results reach and the quick tables miss today."""
    now = [whole_pattern.measured(name, data, code_state()) for name in whole_pattern.QUICK]
    lost = whole_pattern.lost_aims(whole_pattern.committed(), now)
    print(f"whole patterns: {', '.join(whole_pattern.QUICK)}: " + ("; ".join(lost) or "no aim lost"))
    return lost


def slice_of(table: Table) -> Table:
    """The same few scans on every run."""
    chosen = random.Random(f"{SLICE_SEED} {table.name}").sample(table.samples, min(SLICE_SCANS, len(table.samples)))
    return Table(table.name, table.title, table.referent, table.weighed, tuple(chosen))


def run(tables: list[Table], workers: int, deadline: float | None) -> dict[str, Any]:
    """Score all scans in fresh processes; scans not begun at the deadline (in seconds) are left out and counted."""
    start = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=references.library) as pool:
        futures = [[pool.submit(scoring.score, sample) for sample in table.samples] for table in tables]
        rows = [[_result(future, start, deadline) for future in table] for table in futures]
        deviations = list(pool.map(coverage.deviations, [sample for table in tables for sample in table.samples]))
    kept = [[row for row in table if row is not None] for table in rows]
    return {
        "schema": "braggite.validation/1",
        **provenance([sample for table in tables for sample in table.samples]),
        "seconds": time.monotonic() - start,
        "left_out": sum(row is None for table in rows for row in table),
        "aims": [
            aim.to_dict()
            for aim in (
                *(aim for table, own in zip(tables, kept, strict=True) for aim in scoring.aims(table, own)),
                *recall.aims([row for own in kept for row in own]),
            )
        ],
        "uncertainties": coverage.summary(deviations),
        "tables": [
            {
                "name": table.name,
                "title": table.title,
                "referent": table.referent,
                "figures": scoring.further_figures(own),
                "rows": own,
            }
            for table, own in zip(tables, kept, strict=True)
        ],
    }


def _result(future: Any, start: float, deadline: float | None) -> dict[str, Any] | None:
    late = deadline is not None and time.monotonic() - start > deadline
    if late and future.cancel():
        return None
    row: dict[str, Any] = future.result()
    missed = [phase["label"] for phase in row["phases"] if phase["verdict"] != "present"]
    false = [phase["name"] for phase in row["false_present"]]
    seconds = "failed" if row["seconds"] is None else f"{row['seconds']:.2f} s"
    say(f"{row['file']:58} {seconds:>9}  not present: {', '.join(missed) or '-'}  false: {', '.join(false) or '-'}")
    return row


def provenance(samples: list[Sample]) -> dict[str, Any]:
    """Which code on which data, and when."""
    digest = hashlib.sha256()
    for sample in sorted(samples, key=lambda sample: sample.path):
        digest.update(sample.path.name.encode() + b"\0" + hashlib.sha256(sample.path.read_bytes()).digest())
    return {**code_state(), "data_sha256": digest.hexdigest()}


def report(results: dict[str, Any]) -> None:
    """The aims on standard output."""
    for aim in results["aims"]:
        mark = "reached" if aim["passed"] else "MISSED"
        figure = "-" if aim["figure"] is None else f"{aim['figure']:.3g}"
        print(f"{mark:8} {aim['table']:13} {aim['what']:42} {figure:>6}  (aim {aim['sense']} {aim['aim']:g})")
    for row in results["uncertainties"]:
        shares = ", ".join(
            "-" if row[f"within_{k}_su"] is None else f"{row[f'within_{k}_su']:.2f}" for k in coverage.NOMINAL
        )
        print(f"{row['quantity']} within 1, 2, 3 su: {shares} of {row['n']}")


def write(results: dict[str, Any], path: Path) -> None:
    """The results as one JSON document."""
    path.write_text(json.dumps(results, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def judge(results: dict[str, Any], *, against_committed: bool) -> int:
    """Missed aims are told, not punished; a scan that raised, or a slice worse than the committed results, is."""
    rows = [row for table in results["tables"] for row in table["rows"]]
    raised = [row for row in rows if row["error"]]
    for row in raised:
        say(f"{row['file']} raised:\n{row['error']}")
    reached = sum(aim["passed"] for aim in results["aims"])
    lost = _lost_phases(rows) if against_committed and RESULTS.exists() else None
    print(
        f"validation: {len(rows)} scans in {results['seconds']:.0f} s, {results['left_out']} left out, "
        f"{len(raised)} raised; {reached} of {len(results['aims'])} aims reached"
        + ("" if lost is None else f"; share of phases present {0 - lost:+.2f} against the committed results")
    )
    return 1 if raised or not rows or (lost is not None and lost > WORST_DROP) else 0


def _lost_phases(rows: list[dict[str, Any]]) -> float:
    """By how much the share of true phases called present fell, on the scans that both results hold."""
    committed = {
        row["file"]: row for table in json.loads(RESULTS.read_text(encoding="utf-8"))["tables"] for row in table["rows"]
    }
    both = [row for row in rows if row["file"] in committed]
    before, now = (
        [phase["verdict"] == "present" for row in side for phase in row["phases"]]
        for side in ([committed[row["file"]] for row in both], both)
    )
    return (sum(before) - sum(now)) / len(now) if now else 0.0


def say(line: str) -> None:
    """Progress, on standard error."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
