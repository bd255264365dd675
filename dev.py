"""Everything a developer does, from a fresh machine: ``python3 dev.py VERB``.

Needs Python >= 3.11 and Rust on the PATH; installs all else into ``.venv`` beside this file, and nothing anywhere else.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
PYTHON_FOLDERS = ("python", "tests", "benchmarks", "validation", "examples", "dev.py")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def demo(arguments: list[str]) -> int:
    """Build, then run ``braggite demo`` here: prints the phase table and writes report.html."""
    install()
    return run(BIN / "braggite", "demo", *arguments)


def test(arguments: list[str]) -> int:
    """Build, then run the Python tests (arguments go to pytest; without any, on all cores)."""
    install("test", "raman", "ir", "igor", "nexus")
    return run(PYTHON, "-m", "pytest", *(arguments or ["-n", "auto"]), cwd=ROOT)


def rust(arguments: list[str]) -> int:
    """Run the tests of the Rust core."""
    require_cargo()
    return run("cargo", "test", "--locked", *arguments, cwd=ROOT)


def lint(arguments: list[str]) -> int:
    """Formatting, lints and types of both languages, the stub of the compiled module, no duplicate pyo3 or numpy."""
    install("test", "lint")
    folders = [folder for folder in PYTHON_FOLDERS if (ROOT / folder).exists()]
    checks = (
        (PYTHON, "-m", "ruff", "format", "--check", *folders),
        (PYTHON, "-m", "ruff", "check", *folders),
        (PYTHON, "-m", "mypy"),
        (PYTHON, "-m", "mypy.stubtest", "braggite._core", "--allowlist", "tests/stubtest_allow.txt"),
        ("cargo", "fmt", "--all", "--check"),
        ("cargo", "clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"),
    )
    failed = [" ".join(map(str, check[1:4])) for check in checks if run(*check, cwd=ROOT) != 0]
    failed += duplicate_crates("pyo3", "numpy")
    say("lint: " + (f"FAILED: {'; '.join(failed)}" if failed else "clean"))
    return 1 if failed else 0


def docs(arguments: list[str]) -> int:
    """Build the documentation into site/; a broken link is an error."""
    install("docs")
    return run(PYTHON, "-m", "mkdocs", "build", "--strict", *arguments, cwd=ROOT)


def bench(arguments: list[str]) -> int:
    """Measure against the peers and write docs/benchmarks.md."""
    install("bench")
    return run(PYTHON, "benchmarks/run.py", *arguments, cwd=ROOT)


def validate(arguments: list[str]) -> int:
    """Score the aims on the data in BRAGGITE_TEST_DATA; ``--slice`` takes a seeded part of about five minutes."""
    install()
    return run(PYTHON, "-m", "validation", *arguments, cwd=ROOT)


def package(arguments: list[str]) -> int:
    """Build sdist and wheel, and try the wheel made from the sdist in a clean environment away from the checkout."""
    install()
    with tempfile.TemporaryDirectory(prefix="braggite-package-") as scratch:
        return check_package(Path(scratch))


VERBS = {verb.__name__: verb for verb in (demo, test, rust, lint, docs, bench, validate, package)}


def install(*extras: str) -> None:
    """Bring .venv up to date: tools and extras when pyproject.toml changed, the package in release build always."""
    require_cargo()
    if not runs(PYTHON):
        must(sys.executable, "-m", "venv", "--clear", VENV, hint="does this Python have the venv module?")
    project = read_toml("pyproject.toml")
    wanted = {"build": project["build-system"]["requires"], "package": project["project"]["dependencies"]}
    wanted |= {extra: project["project"]["optional-dependencies"][extra] for extra in extras}
    for name, requirements in wanted.items():
        stamp = VENV / f"installed-{name}"
        digest = hashlib.sha256("\n".join(requirements).encode()).hexdigest()
        if not stamp.exists() or stamp.read_text() != digest:
            must(PYTHON, "-m", "pip", "install", *requirements)
            stamp.write_text(digest)
    must(BIN / "maturin", "develop", "--release", "--locked", "--quiet", cwd=ROOT)


def check_package(scratch: Path) -> int:
    """0 when the wheel built from the sdist carries every phase, and its demo runs, outside the checkout."""
    must(BIN / "maturin", "build", "--release", "--locked", "--quiet", "--sdist", "--out", scratch / "dist", cwd=ROOT)
    (sdist,) = (scratch / "dist").glob("*.tar.gz")
    must(PYTHON, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", scratch / "again", sdist)
    (wheel,) = (scratch / "again").glob("*.whl")
    must(sys.executable, "-m", "venv", scratch / "clean")
    clean = scratch / "clean" / BIN.name
    must(clean / PYTHON.name, "-m", "pip", "install", wheel)
    phases = sum(1 for _ in (ROOT / "reference_patterns").glob("*/phase.toml"))
    count = "import braggite, sys; sys.exit(len(braggite.ReferenceLibrary.default()) != int(sys.argv[1]))"
    must(
        clean / PYTHON.name, "-I", "-c", count, str(phases), cwd=scratch, hint=f"the wheel should hold {phases} phases"
    )
    must(clean / "braggite", "demo", cwd=scratch)
    if not (scratch / "report.html").exists():
        stop("braggite demo from the wheel wrote no report.html")
    say(f"package: {wheel.name} from {sdist.name} holds {phases} phases; its demo wrote report.html")
    return 0


def duplicate_crates(*names: str) -> list[str]:
    """A complaint for each named crate that the lock file holds in several versions."""
    locked = [crate["name"] for crate in read_toml("Cargo.lock")["package"]]
    return [f"{locked.count(name)} versions of {name} in Cargo.lock" for name in names if locked.count(name) > 1]


def require_cargo() -> None:
    """Stop with one line when Rust is missing or older than the workspace needs."""
    needed = read_toml("Cargo.toml")["workspace"]["package"]["rust-version"]
    if shutil.which("cargo") is None:
        stop(f"Rust >= {needed} is needed and no cargo is on the PATH: see https://rustup.rs")
    shown = subprocess.run(["cargo", "--version"], capture_output=True, text=True, check=False, cwd=ROOT)
    version = re.search(r"(\d+)\.(\d+)", shown.stdout)
    if shown.returncode != 0 or version is None:
        stop(f"cargo does not run: {shown.stderr.strip() or shown.stdout.strip()}")
    if tuple(map(int, version.groups())) < tuple(map(int, needed.split("."))):
        stop(f"Rust >= {needed} is needed; {shown.stdout.strip()} is too old: run `rustup update`")


def read_toml(name: str) -> dict:
    """A TOML file of the repository."""
    import tomllib

    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def environment() -> dict[str, str]:
    """The caller's environment, turned to .venv and away from the user's own packages; one thread a library."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "PIP_USER")}
    kept |= {name: kept.get(name, "1") for name in THREAD_VARIABLES}
    return kept | {
        "VIRTUAL_ENV": str(VENV),
        "PATH": f"{BIN}{os.pathsep}{kept.get('PATH', '')}",
        "PYTHONNOUSERSITE": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_QUIET": "1",
    }


def run(*command: object, cwd: Path | None = None, stdout: int | None = None) -> int:
    """Exit code of a command; 127 when it cannot be started."""
    say("$ " + " ".join(map(str, command)))
    parts = [str(part) for part in command]
    try:
        return subprocess.run(parts, cwd=cwd, env=environment(), stdout=stdout, check=False).returncode
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        return 127


def runs(python: Path) -> bool:
    """Whether an interpreter is there and works."""
    return python.exists() and subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def must(*command: object, cwd: Path | None = None, hint: str = "") -> None:
    """Run a step of preparation, its output on standard error; stop when it fails."""
    if run(*command, cwd=cwd, stdout=sys.stderr.fileno()) != 0:
        stop(
            f"failed: {Path(str(command[0])).name} {' '.join(map(str, command[1:4]))}" + (f" ({hint})" if hint else "")
        )


def say(line: str) -> None:
    """A line for the developer, on standard error."""
    print(line, file=sys.stderr, flush=True)


def stop(line: str) -> None:
    """Give up with one line."""
    say(f"dev.py: {line}")
    raise SystemExit(1)


def main() -> int:
    """Read the verb and run it; further arguments go to the tool behind it."""
    if sys.version_info < (3, 11):  # noqa: UP036
        stop(f"Python >= 3.11 is needed; this is {sys.version.split()[0]}")
    described = "\n".join(f"  {name:9} {verb.__doc__}" for name, verb in VERBS.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="verbs:\n" + described, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=VERBS, metavar="VERB")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the tool behind the verb")
    options = parser.parse_args()
    return VERBS[options.verb](options.arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
