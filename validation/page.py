"""The results as a page of the documentation."""

from __future__ import annotations

from typing import Any

from validation import coverage, jobs, recall
from validation.markdown import aims_table, line, number

HEAD = """# Validation

What the analysis reaches today on scans whose phases are known. `python3 dev.py validate` measures it and writes
this page; nothing here is typed by hand. *Present* and *possible* are the verdicts of the report. A true phase that is
only listed as the rival of another is **not** counted as found; it is marked "rival". A phase is major from 10 wt% up.
The analysis is told the elements of the sample (those of the label and oxygen; for simulated scans what the
laboratory's sample list states) and nothing else.

S04, S05, J01, J03 and J09 were scored again and again while the search and the verdicts were built, and choices were
made with their figures in view: read them as what was worked toward. The tables marked "first scored when the
search was finished" were not, but one later change, which lets priors hold against misfit in the final match, was
chosen with all of them in view.

Measured on {date} at commit `{commit}`{modified}, data `{data}`, {scans} scans.

## Aims

"""

UNCERTAINTIES = """
## Uncertainties

The simulated scans again, matched with their true phases given: how often the truth lies within the stated standard
uncertainty. The simulated samples are not the references (displacements, coordinates, few grains), so this is the whole
misfit and not counting alone.

| quantity | number | within 1 su (0.683) | within 2 su (0.954) | within 3 su (0.997) | largest |
|---|---|---|---|---|---|
"""

RECALL = """
## Phases found, by significance

True phases of the simulated scans by their amount over its standard deviation if everything else were known, as the
separate simulator states it. A look-alike, which has nearly the same lines at a stretched cell, answers for a phase.

| significance | number | called present |
|---|---|---|
"""


def render(results: dict[str, Any]) -> str:
    """Markdown of the whole page."""
    text = HEAD.format(
        date=results["date"],
        commit=(results["commit"] or "unknown")[:12],
        modified=" with local changes" if results["modified"] else "",
        data=results["data_sha256"][:12],
        scans=sum(len(table["rows"]) for table in results["tables"]),
    )
    text += aims_table(results["aims"])
    text += UNCERTAINTIES
    for row in results["uncertainties"]:
        shares = [number(row[f"within_{k}_su"]) for k in coverage.NOMINAL]
        text += line(row["quantity"], str(row["n"]), *shares, number(row["largest"]))
    text += RECALL
    for significance, count, share in recall.table([row for table in results["tables"] for row in table["rows"]]):
        text += line(significance, str(count), number(share))
    text += jobs.section(results["tables"])
    return text + "".join(_table(table) for table in results["tables"])


def _table(table: dict[str, Any]) -> str:
    figures = table["figures"]
    text = f"\n## {table['title']}\n\nTruth: {table['referent']}.\n\n"
    text += "| figure | value |\n|---|---|\n"
    text += "".join(line(name.replace("_", " "), number(value)) for name, value in figures.items())
    text += "\n| scan | true phase: wt% true → found | false present | false possible | Rwp % | candidates | s |\n"
    text += "|---|---|---|---|---|---|---|\n"
    for row in table["rows"]:
        name = row["file"] + (f" (label in doubt: {row['doubtful']}; not scored)" if row["doubtful"] else "")
        text += line(
            name,
            "<br>".join(_phase(phase) for phase in row["phases"]),
            _named(row["false_present"]),
            _named(row["false_possible"]),
            number(row["rwp_percent"]),
            str(row["candidates"]),
            "failed" if row["error"] else number(row["seconds"]),
        )
    return text


def _phase(phase: dict[str, Any]) -> str:
    found = phase["found_weight_fraction"]
    amount = "-" if found is None else f"{100 * found:.1f}"
    verdict = "" if phase["verdict"] == "present" else f" *{phase['verdict']}*"
    rival = f" (rival of {', '.join(phase['rival_of'])})" if phase["rival_of"] else ""
    return f"{phase['label']}: {100 * phase['weight_fraction']:.1f} → {amount}{verdict}{rival}"


def _named(phases: list[dict[str, Any]]) -> str:
    weights = ((phase["name"], phase["weight_fraction"]) for phase in phases)
    return "<br>".join(name if weight is None else f"{name} {100 * weight:.1f}" for name, weight in weights) or "-"
