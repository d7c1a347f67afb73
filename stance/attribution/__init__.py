"""Sentences → statements: who is reported as saying what."""

from stance.attribution.attributor import Attribution, Statement, attribute
from stance.attribution.skeleton import Name

__all__ = ["Attribution", "Name", "Statement", "attribute"]
