"""Which phases are in the sample: search, evidence, verdicts."""
