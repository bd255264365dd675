"""Chemical symbols, and the displacement parameter an atom gets when its structure gives none."""

from __future__ import annotations

from functools import cache

from braggite.errors import OptionError

_PERIODIC_TABLE = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr "
    "Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu "
    "Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr "
    "Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
)
SYMBOLS = _PERIODIC_TABLE.split()
ATOMIC_NUMBER = {symbol: number for number, symbol in enumerate(SYMBOLS, start=1)}

_B_HYDROGEN, _B_LITHIUM = 2.0, 1.2
_B_BELOW = ((11, 0.9), (21, 0.8), (50, 0.5))  # (atomic number the class ends before, B in angstrom^2)
_B_HEAVY = 0.4


def default_b_iso_angstrom2(element: str) -> float:
    """Isotropic displacement parameter B of an atom whose structure states none.

    Light atoms vibrate more: 2.0 for H, 1.2 for Li, 0.9 up to Ne, 0.8 up to Ca, 0.5 up to In, 0.4 above: round values
    of room-temperature oxide refinements, an assumption and not a measurement.

    Parameters
    ----------
    element
        Chemical symbol.

    Returns
    -------
    B in angstrom^2.

    Raises
    ------
    OptionError
        Not a chemical symbol.
    """
    number = atomic_number(element)
    if number == 1:
        return _B_HYDROGEN
    if number == 3:
        return _B_LITHIUM
    return next((b for limit, b in _B_BELOW if number < limit), _B_HEAVY)


def atomic_number(element: str) -> int:
    """Atomic number of a chemical symbol; ``OptionError`` for anything else."""
    try:
        return ATOMIC_NUMBER[element]
    except KeyError:
        raise OptionError(
            f"{element!r} is not a chemical element", suggestion="write symbols such as Li, Ba, Ti, O"
        ) from None


@cache
def atomic_weight(element: str) -> float:
    """Standard atomic weight in amu (IUPAC values as tabulated by gemmi)."""
    import gemmi

    atomic_number(element)
    return float(gemmi.Element(element).weight)
