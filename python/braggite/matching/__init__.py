"""Whole-pattern matching: the engine's Python face."""
