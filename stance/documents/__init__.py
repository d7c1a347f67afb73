"""Files → :class:`Document`: plain text, saved web pages, PDF and Word, and whatever comes down a pipe.

Three steps, each usable alone: :func:`find_inputs` turns INPUT arguments (files, folders, globs, ``-``) into a list
with one unique name each, :func:`read_document` turns one of them into a :class:`Document`, and :func:`parse_document`
finds symbol, title, date and body in a text that is already at hand.

Two rules decide the doubtful cases. The text of a plain-text file is stored as it was decoded, because offsets into it
are part of the contract with annotations. And the body must never lose prose: a heading too many in it costs nothing,
a paragraph too few loses a delegation. So wherever a line may be either, it counts as body.

Readers import their libraries when they are called: ``import stance`` must stay quick for those who only read text.
"""

from stance.documents.headings import parse_document
from stance.documents.inputs import HeldInput, Input, find_inputs
from stance.documents.model import MAX_BYTES, SUFFIXES, Document
from stance.documents.reading import read_document

__all__ = ["MAX_BYTES", "SUFFIXES", "Document", "HeldInput", "Input", "find_inputs", "parse_document", "read_document"]
