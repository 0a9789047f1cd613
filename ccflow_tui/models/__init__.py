"""Frozen values that every floor of the house shares; standard library only."""
