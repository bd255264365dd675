"""Run every benchmark module, each in a process of its own, and write ``docs/benchmarks.md``."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from pathlib import Path

from harness import THREAD_VARIABLES, Row, table

import braggite

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER.parent / "docs" / "benchmarks.md"
NO_BENCHMARKS = ("harness", "made_up_library", "run")
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in NO_BENCHMARKS)
HEAD = """# Benchmarks

Wall time per call, medians; ours and the peer's samples are taken in turn in the same process, one thread each
({variables} = 1). Ratios carry over to other machines better than the times do. `python3 dev.py bench` measures them
and writes this page.

Measured on {date}: Braggite {version} ({profile} build), {processor}, {system}, Python {python}.
"""


def main() -> int:
    """0 when every module ran."""
    chosen = sys.argv[1:] or MODULES
    sections, failed = [], []
    for module in chosen:
        print(f"benchmarks/{module}.py", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, FOLDER / f"{module}.py", "--json"], stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode != 0:
            failed.append(module)
            continue
        rows = table([Row(**row) for row in json.loads(done.stdout)])
        print(rows)
        sections.append(f"\n## {module.replace('_', ' ').capitalize()}\n\n{rows}")
    if failed:
        print(f"failed: {', '.join(failed)}; docs/benchmarks.md is left as it was", file=sys.stderr)
        return 1
    if chosen == MODULES:
        PAGE.write_text(head() + "".join(sections), encoding="utf-8")
    return 0


def head() -> str:
    """What was measured, on what; no host name."""
    return HEAD.format(
        variables=", ".join(THREAD_VARIABLES),
        date=time.strftime("%Y-%m-%d", time.gmtime()),
        version=braggite.__version__,
        profile=braggite._core.build_profile,
        processor=processor(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
    )


def processor() -> str:
    """The processor's model, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


if __name__ == "__main__":
    sys.exit(main())
