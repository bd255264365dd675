"""A pattern with known truth, from references: the first step of a detection-limit study."""

from __future__ import annotations

import braggite as bg
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern


def main() -> None:
    """Simulate 1 wt% BaTiO3 in a garnet and say how high its strongest line stands."""
    library = bg.ReferenceLibrary.default()
    garnet, titanate = library["llzo-ta-cubic"], library["BTO"]
    pure = simulate_pattern([PhaseState(garnet)], radiation=radiation_named("CuKa"), background=0.0)
    mixed = simulate_pattern(
        [PhaseState(garnet, 0.99), PhaseState(titanate, 0.01)], radiation=radiation_named("CuKa"), background=0.0
    )
    excess = mixed.y / mixed.y.max() - pure.y / pure.y.max()
    print(
        f"1 wt% BaTiO3 adds up to {100 * excess.max():.2f} % of the strongest line, at {mixed.x[excess.argmax()]:.2f}°"
    )


if __name__ == "__main__":
    main()
