"""Dates in headings and datelines.

In: a line, or what heading, dateline and metadata say together. Out: ``YYYY-MM-DD`` if the year is known, else the words
of the text (``17 April``), else ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.documents.text import capital_share

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_YEAR = r"((?:19|20)\d\d)\b"
_DAY = r"(?<![\d.,/])(\d{1,2})(?:st|nd|rd|th)?"
_RANGE = re.compile(rf"(?<![\d.,/])\d{{1,2}}\s*(?:-|–|—|to|and|&)\s*\d{{1,2}}\s+{_MONTH}(?:,?\s+{_YEAR})?", re.I)
_DMY = re.compile(rf"{_DAY}\s+(?:of\s+)?({_MONTH})(?:,?\s+{_YEAR})?", re.I)
_MDY = re.compile(rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*:)(?:,?\s+{_YEAR})?", re.I)
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_DATE_WORDS = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\b\.?|noon)|"
    r"\b(?:new york|geneva|vienna|nairobi|the hague|for immediate release|press release|date|posted|published|on)\b",
    re.I,
)


def strip_dates(text: str) -> str:
    for pattern in (_ISO, _RANGE, _DMY, _MDY, _DATE_WORDS):
        text = pattern.sub(" ", text)
    return text


def is_date_line(text: str) -> bool:
    return len(text) < 100 and find_date(text) is not None and len(re.findall(r"\w+", strip_dates(text))) <= 1


def find_date(text: str) -> str | None:
    """Return the first date in a text: ISO if it is complete, else its words."""
    found = _ISO.search(text)
    if found:
        return found.group()
    found = _RANGE.search(text)
    if found:
        return found.group()
    matches = [match for match in (_DMY.search(text), _MDY.search(text)) if match]
    if not matches:
        return None
    # "17 April 2015" also contains "April 20", in a manner of speaking: the earlier match is the date.
    found = min(matches, key=lambda match: match.start())
    day, month = found.group(1), found.group(2)
    if found.re is _MDY:
        day, month = month, day
    number = _MONTHS.index(month[:3].lower()) + 1
    if not 1 <= int(day) <= 31:
        return None
    return f"{found.group(3)}-{number:02d}-{int(day):02d}" if found.group(3) else found.group()


def iso_or_none(date: str | None) -> str | None:
    return date if date and _ISO.fullmatch(date) else None


def find_dateline(text: str) -> str | None:
    """Return the ``DOHA, 17 April`` of a first paragraph."""
    found = re.match(r"(\S.{1,90}?)\s*(?:—|–|--|\s-)\s+(?=\S)", text[:200])
    if not found:
        return None
    head, rest = found.group(1), text[found.end() : found.end() + 600]
    place, comma, tail = head.partition(",")
    if len(rest.split()) < 4 or capital_share(rest) >= 0.6 or any(c.isdigit() for c in place):
        return None
    if comma and find_date(tail):
        return head
    return head if place.isupper() and sum(c.isalpha() for c in place) >= 3 and not comma else None


def resolve_date(
    heading: Sequence[str], dateline: str | None, symbol: str | None, published: str | None, year: int | None
) -> str | None:
    found = [date for date in map(find_date, heading) if date]
    spoken = find_date(dateline) if dateline else None
    for date in ([spoken] if spoken else []) + found:
        if iso_or_none(date):
            return date
    part = spoken or next(iter(found), None)
    if part is None:
        return published
    if year is None and symbol:
        known = re.search(r"(?<=/)(?:19|20)\d\d(?=/|$)", symbol)
        year = int(known.group()) if known else None
    if published:
        year = int(published[:4])
    whole = iso_or_none(find_date(f"{part} {year}")) if year else None
    if whole and published and whole > published and whole[5:7] == "12" and published[5:7] == "01":
        # A December meeting published in January.
        whole = f"{int(whole[:4]) - 1}{whole[4:]}"
    return whole or part
