"""A writer of VAMAS files for tests: from the text of ISO 14976, with every parameter that a mode asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class BlockText:
    """What one block states; everything else is filled in."""

    ordinates: Sequence[Sequence[object]]
    label: str = "Kinetic Energy"
    start: float = 1200.0
    step: float = 0.1
    columns: Sequence[tuple[str, str]] = (("Intensity", "d"),)
    identifier: str = "C 1s"
    sample: str = "pellet"
    technique: str = "XPS"
    source: str = "Al"
    photon_energy: object = 1486.6
    work_function: object = -4.455
    dwell: float = 0.2
    scans: int = 5
    comment: Sequence[str] = ()
    variables: Sequence[object] = ()


@dataclass
class VamasText:
    """A whole file; ``leave_out`` are parameters that later blocks do not repeat, ``listed`` the list as written."""

    blocks: Sequence[BlockText]
    experiment_mode: str = "NORM"
    scan_mode: str = "REGULAR"
    listed: Sequence[int] = ()
    count_listed: int = 0
    leave_out: set[int] = field(default_factory=set)
    variable_names: Sequence[tuple[str, str]] = ()
    upgrade: int = 0
    newline: str = "\r\n"

    def lines(self) -> list[str]:
        mode = self.experiment_mode
        out = ["VAMAS Surface Chemical Analysis Standard Data Transfer Format 1988 May 4"]
        out += ["institute", "instrument", "operator", "experiment", "1", "a comment", mode, self.scan_mode]
        if mode in ("MAP", "MAPDP", "NORM", "SDP"):
            out += ["1"]
        if mode in ("MAP", "MAPDP"):
            out += ["1", "2", "3"]
        out += [str(len(self.variable_names))] + [text for pair in self.variable_names for text in pair]
        out += [str(self.count_listed), *map(str, self.listed)]
        out += ["0", "1", str(self.upgrade), "a future entry", str(len(self.blocks))]
        for index, block in enumerate(self.blocks):
            out += self.block(block, first=index == 0)
        return [*out, "end of experiment"]

    def encode(self) -> bytes:
        return (self.newline.join(self.lines()) + self.newline).encode("cp1252")

    def block(self, block: BlockText, *, first: bool) -> list[str]:
        out = [block.identifier, block.sample]
        for number in range(1, 41):
            if first or number not in self.leave_out:
                out += [str(value) for value in self.parameter(block, number)]
        out += ["upgraded"] * self.upgrade
        values = [value for row in block.ordinates for value in row]
        out += [str(len(values))] + ["0", "1"] * len(block.columns)
        return out + [str(value) for value in values]

    def parameter(self, block: BlockText, number: int) -> list[object]:
        mode, regular = self.experiment_mode, self.scan_mode == "REGULAR"
        depth = mode in ("MAPDP", "MAPSVDP", "SDP", "SDPSV")
        mapped = mode in ("MAP", "MAPDP", "MAPSV", "MAPSVDP", "SEM")
        table: dict[int, list[object]] = {
            1: [2026], 2: [7], 3: [14], 4: [15], 5: [9], 6: [26], 7: [0],
            8: [len(block.comment), *block.comment],
            9: [block.technique],
            10: [11, 12] if mode in ("MAP", "MAPDP") else [],
            11: list(block.variables),
            12: [block.source],
            13: [18, 1, 1] if depth else [],
            14: [block.photon_energy], 15: [150], 16: [700, 300],
            17: [500, 500] if mapped else [],
            18: [1, 2, 3, 4, 5, 6] if mode in ("MAPSV", "MAPSVDP", "SEM") else [],
            19: [54.7], 20: [0], 21: ["FAT"], 22: [20],
            23: [1] if block.technique == "AES diff" else [],
            24: [1], 25: [block.work_function], 26: [0], 27: [0, 0], 28: [90, 0], 29: ["C"], 30: ["1s", -1],
            31: [block.label, "eV", block.start, block.step] if regular else [],
            32: [len(block.columns), *[text for pair in block.columns for text in pair]],
            33: ["pulse counting"], 34: [block.dwell], 35: [block.scans], 36: ["1E+37"],
            37: [1000, 1, 2, 2, 45, 0, "sputter"] if depth else [],
            38: [0, 0], 39: [0],
            40: [1, "Chamber pressure", "mbar", "2e-9"],
        }  # fmt: skip
        return table[number]
