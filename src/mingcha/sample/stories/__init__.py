"""Planted histories: violations told from the wording of the rules, and near-misses that must not fire."""
