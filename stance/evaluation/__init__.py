"""Metrics, splits, agreement and intervals."""
