from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {"matplotlib", "pymatgen", "lmfit", "scipy", "gemmi", "typer", "rich", "jinja2", "pandas", "spglib"}


def test_importing_braggite_loads_nothing_heavy() -> None:
    program = "import sys, json, braggite; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not HEAVY & set(json.loads(output.stdout))
    assert output.stderr == ""
