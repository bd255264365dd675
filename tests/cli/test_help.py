"""``--help`` of each verb, word for word, and how fast it comes."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from braggite.cli.background import NAMES
from braggite.preprocessing.methods import METHODS

VERBS = (
    (), ("info",), ("convert",), ("prepare",), ("background",), ("peaks",), ("fit",), ("match",), ("calibrate",),
    ("identify",), ("report",), ("simulate",), ("series",), ("demo",),
    ("references",), ("references", "list"), ("references", "show"), ("references", "check"), ("references", "add"),
    ("references", "add-spectrum"),
)  # fmt: skip


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: "-".join(verb) or "braggite")
def test_help_reads_as_before(braggite, golden, monkeypatch, verb):
    monkeypatch.setenv("COLUMNS", "100")
    outcome = braggite(*verb, "--help")
    assert outcome.code == 0
    golden(f"help-{'-'.join(verb) or 'braggite'}.txt", outcome.out)


@pytest.mark.parametrize("verb", [verb for verb in VERBS[1:] if verb != ("references",)], ids="-".join)
def test_help_begins_with_examples(braggite, verb):
    text = braggite(*verb, "--help").out
    assert text.index("Examples:") < text.index("Options:")


def test_help_names_every_background_method():
    assert re.findall(r"[a-z0-9_]+(?=,| or|;)", NAMES.replace(" or ", ", ")) == list(METHODS)


def test_help_loads_no_science():
    code = (
        "import sys; from braggite.cli import run; run(['identify', '--help']);"
        "heavy = {'matplotlib', 'gemmi', 'pymatgen', 'scipy', 'lmfit', 'jinja2'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_version(braggite):
    import braggite as bg

    assert braggite("--version").out == f"braggite {bg.__version__}\n"
