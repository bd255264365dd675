"""Figures of whole-pattern matching on measured and simulated scans of known truth, each table by itself."""
