"""Measures the engine beside its floor: ``python -m benchmarks``."""
