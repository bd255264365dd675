"""The aims the project sets itself, scored on measured and simulated scans: ``python3 dev.py validate``."""
