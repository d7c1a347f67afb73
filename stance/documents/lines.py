"""What a line is: part of the masthead, running prose, or neither.

In: a line (or several that were wrapped from one). Out: yes or no, from its words, capitals and
punctuation alone.
"""

from __future__ import annotations

import re

from stance.documents.dates import find_dateline, is_date_line
from stance.documents.symbols import own_symbol
from stance.documents.text import TERMINAL, capital_share

_ORDINAL = (
    r"(?:\d+(?:st|nd|rd|th)|(?:(?:Twent|Thirt|Fort|Fift|Sixt|Sevent|Eight|Ninet)y-)?(?:First|Second|Third|Fourth|Fifth|"
    r"Sixth|Seventh|Eighth|Ninth)|Tenth|Eleventh|Twelfth|(?:Thir|Four|Fif|Six|Seven|Eigh|Nine)teenth|"
    r"(?:Twent|Thirt|Fort|Fift|Sixt|Sevent|Eight|Ninet)ieth|(?:One )?Hundredth)"
)
_SITTING = re.compile(
    r"\d(?:st|nd|rd|th)?[^.]{0,40}\bMeetings?\b\W*(?:\([^)]*\))?\W*$|"
    r"\((?:AM|PM|Night|Resumed|AM (?:&|and) PM)\)\W*$|"
    rf"^(?:[^.]{{3,100}},\s+)?{_ORDINAL}\s+(?:(?:Regular|Special|Emergency|Resumed|Annual|Substantive|Organi[sz]ational)"
    rf"\s+){{0,2}}Session\b[^a-z]{{0,40}}$",
    re.I,
)
_PUBLISHER = re.compile(
    r"(?:united nations|nations unies|un press|press releases?|meetings coverage(?: and press releases)?|"
    r"press conference|background release|department of (?:public information|global communications)\W*.{0,40}|"
    r"news and media division\W*.{0,20}|.{0,30}information service|for immediate release|statements?|background|"
    r"headquarters|new york|geneva|vienna|nairobi)\W*",
    re.I,
)
NOT_OFFICIAL = re.compile(
    r"[^\w\n]*for (?:the )?(?:use of )?(?:the )?information media\b.{0,30}?not an official (?:record|document)\W*$",
    re.I | re.S,
)
_VOTES = re.compile(r"(?:in favou?r|against|abstain\w*|abstentions?|absent)\s*[:—–-]", re.I)


def is_meta(text: str) -> bool:
    if not any(c.isalnum() for c in text):
        return True
    if len(text) > 200:
        return False
    return bool(
        _PUBLISHER.fullmatch(text)
        or own_symbol(text)
        or _SITTING.search(text)
        or is_date_line(text)
        or NOT_OFFICIAL.match(text)
    )


def is_prose(text: str) -> bool:
    if find_dateline(text) or _VOTES.match(text) or len(text) > 300:
        return True
    words = text.split()
    small = capital_share(text) < 0.6
    if text.endswith(":"):
        return small and len(words) >= 4
    if TERMINAL.search(text[-40:]):
        return small and len(words) >= 3
    return small and len(words) > 12 and bool(re.search(r"[a-z”)]\.\s+[A-Z“]", text))
