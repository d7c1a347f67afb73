"""The annotation loop: choose statements, hand them to people, take their answers back, compare.

``items`` finds the statements of summaries, with what a model says of them; ``queries`` puts those first that are worth a
person's time; ``formats`` writes them for an annotation tool and reads what it gives back; ``terminal`` is a small tool of
the package's own; ``prelabel`` lets a model label them; ``comparison`` tells how far annotators, and a model beside them, agree.
"""

from stance.annotating.comparison import compare_files, describe_agreement
from stance.annotating.formats import FORMATS, read_answers, write_items
from stance.annotating.importing import import_answers
from stance.annotating.items import Answer, Item, answered, items_of, read_items
from stance.annotating.prelabel import prelabel, to_prelabel
from stance.annotating.queries import STRATEGIES, rank
from stance.annotating.terminal import annotate

__all__ = [
    "FORMATS",
    "STRATEGIES",
    "Answer",
    "Item",
    "annotate",
    "answered",
    "compare_files",
    "describe_agreement",
    "import_answers",
    "items_of",
    "prelabel",
    "rank",
    "read_answers",
    "read_items",
    "to_prelabel",
    "write_items",
]
