"""Speakers without a name ("Several delegations asked …"), and the names that are put among them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.attribution import lexicon as lx
from stance.attribution.contexts import FOLLOWED_GERUND, FOLLOWED_SPEECH, HARD_START, INTRO, INVERTED
from stance.attribution.grammar import ADVERB, AUX, INSERT, LIST, PARTICIPLE, ROLE, SPEECH
from stance.attribution.names import DocumentNames
from stance.attribution.place import in_quotes, is_embedded, opens
from stance.attribution.skeleton import ENTITY_KINDS, Skeleton
from stance.attribution.types import UNNAMED, Phrase, Speaker
from stance.prefix_tree import prefix_tree

__all__ = ["find_included", "find_unnamed"]

_SINGULAR = r"(?:delegation|speaker|delegate|representative|expert|observer|participant)"
# The next two are for text in lower case. A number of people: "A small number of delegations", "Two other speakers", "Another delegate", "participants".
_UNNAMED = re.compile(
    r"\b(?:(?:a (?:large |small |significant |great |considerable |wide |growing )?"
    r"(?:number|handful|majority|group|few|couple|range|minority|series|third|half|dozen)(?: of)?|more than \w+|"
    rf"{prefix_tree(lx.QUANTITIES)})"
    r"(?: of)?(?: the)?(?: \w+(?:-\w+)?){0,2}? )?"
    r"(?<!\bits )(?<!\btheir )(?<!\bhis )(?<!\bher )(?<!\bwhose )(?<!'s )"
    rf"(?:{prefix_tree(lx.UNNAMED_NOUNS)}|(?<=one ){_SINGULAR}|(?<=another ){_SINGULAR})\b"
)
_NOUN = re.compile(rf"\b(?:{prefix_tree(lx.UNNAMED_NOUNS)}|{_SINGULAR})\b")
# The number alone, with "others" or without: "Some asked", "some of them asked"; not "some of the text".
_UNNAMED_BARE = re.compile(
    r"\b(?=[AFMOSTYafmosty])(?:(?:[Ss]ome|[Ss]everal|[Mm]any|[Tt]wo|[Tt]hree|[Ff]our|[Aa] few) others|[Ss]ome|[Oo]thers|[Mm]any|[Ss]everal|[Mm]ost|[Aa] few|[Ff]ew|[Ss]till others|[Yy]et others)\b(?! of\b(?! (?:them|these|those)\b))"
)
# A view that nobody is said to hold: "It was further suggested", "Doubts were raised".
_VIEW = re.compile(
    r"^(?:Moreover, |In addition, |However, |Conversely, )?"
    r"(?:It was|The (?:view|opinion|concern|point|question|suggestion|hope|preference|wish|argument|doubt|reservation|"
    r"observation)s? (?:was|were)|[Vv]iews? (?:was|were)|[Cc]oncerns? (?:was|were)|[Ss]upport was|"
    r"[Dd]oubts? (?:was|were)|[Aa]nother view was|A question was|Questions were|A suggestion was|Reference was|"
    r"Preference was|A proposal was|Broad support was)"
    rf"(?: \w+ly)?(?: also| further| again| therefore)?(?: \w+ly)? (?!opposed to\b|concerned\b|committed\b)"
    rf"(?:{PARTICIPLE}|raised|made|felt|held|expressed)(?! by\b)"
)
# Names put among others: "(several delegations), including representatives of |Oman and Chad".
_INCLUDING = re.compile(
    rf"\b(?:including|among (?:them|which (?:were|was)|whom (?:were|was))|notably|such as|like|led by|headed by|together with|along with)"
    rf"(?: (?:the )?(?:{ROLE}))?"
    rf"(?: (?:from|of|those of|those from))? ({LIST})"
)
# The same behind them: "Several delegations, |Oman and Chad among them, asked".
_AMONG_THEM = re.compile(
    rf"(?:, |\(|— ?)(?:those of |that of )?({LIST})(?:,? (?:among them|among others|included|in particular))(?=[,)]| —)"
)
# "According to |some, it was late", "The costs, according to |several delegations, were high".
_ACCORDING_TO = re.compile(r"(?:^|, )[Aa]ccording to $")
# A word that opens a clause, not the "that" of "that call": "Some said |that many, including Oman, had signed".
_THAT = re.compile(r"\bthat\b(?! (?:[\w-]+ )?[\w-]*[^s\W], $)")
# "Several delegations, |including", "Several delegations (|including".
_ASIDE = re.compile(r"(?:, |\(|— ?)$")
# "That was acknowledged by |several delegations": told by the reporter, as "had been acknowledged" is not.
_ACKNOWLEDGED = re.compile(
    rf"^[^,;\"]{{1,120}} (?:was|were)(?: not| also| then| \w+ly)? (?:{PARTICIPLE}|opposed|shared|taken up)(?: \w+ly)? by $"
)
# "Some from small islands would prefer"; not "(ships), most of them in ports that were full".
_OF_THEM = r"(?: (?:of|from|in|with|without) (?:(?!\b(?:where|which|whose|when|had|has|have)\b)[^,;]){1,80}?)?"
_VERB_BEHIND = re.compile(rf"^{_OF_THEM}{INSERT} ?(?:{SPEECH}|{AUX})")
# "(delegations) that had voted against it stated".
_RELATIVE_SAYS = re.compile(
    rf"^ (?:that|which|who) (?:{AUX} )?\w+ [^,;:\"]{{0,80}}?(?<!\bbeen )(?<!\bhad )(?<!\bwere )(?<!\bwas )(?<!\bbeing )\b(?:{prefix_tree(lx.SPEECH_PASTS)})\b"
)
_SAYS_BEHIND = re.compile(rf"^{_OF_THEM}{INSERT} ?(?:(?:would|had|did not|could not) )?{SPEECH}")
# "some |of them": of the ships or the rules of which somebody speaks.
_OF_WHAT_WAS_NAMED = re.compile(r" of (?:them|these|those)\b")
# "(Some delegations) had asked": told by the one who has the floor, of what came before.
_HAD_SAID = re.compile(rf"^{_OF_THEM}{INSERT} ?had (?:{ADVERB} )*(?:{PARTICIPLE}|\w+ed\b)")
# "(Countries) were asked to report": they are told something.
_WERE_TOLD = re.compile(
    rf"^{INSERT} ?(?:was|were) (?:{ADVERB} )*(?:advised|asked|called upon|encouraged|expected|invited|reminded|required|told|urged|warned)\b"
)
_ATTENDING = re.compile(rf"\b(?:{prefix_tree(lx.ATTENDING_NOUNS)}|{_SINGULAR})$")
# "Most members of the |Group", "members of the |Community": the group itself, not "some members of the Group".
_OF_GROUP = re.compile(
    rf"(?:(?:nearly |almost )?(?:most|all)(?: of)?(?: the)? )?(?:member )?(?:{prefix_tree(lx.UNNAMED_NOUNS)}) of (?:the|that) "
    rf"({prefix_tree(b.lower() for b in lx.ANAPHORIC_BODIES)})\b",
    re.I,
)
# "(The Group thanked the donors.) |Members stood ready to help."
_MEMBERS_ALONE = re.compile(r"(?:[Mm]ost |[Aa]ll )?[Mm]embers\b(?! of\b)")
# Another subject before the names: "Many regions had none, she said, but, like |Chad, …".
_POINTED = re.compile(r"\b(?:he|she) ")
# "(Some speakers), |together with Chad, (asked)".
_COMPANY = ("together with", "along with")
# How far before "including" those may end among whom the names are put.
_REACH = 60


def find_included(skeleton: Skeleton, accepted: Sequence[Phrase], names: DocumentNames) -> list[Phrase]:
    """Find the names put among unnamed speakers ("A number of delegates, including those of Oman and Chad, …").

    Parameters
    ----------
    skeleton : Skeleton
        The reduced sentence.
    accepted : sequence of Phrase
        The speakers found so far.
    names : DocumentNames
        The document's names.

    Returns
    -------
    list of Phrase
        Each with the construction ``included``.
    """
    if skeleton.kinds.isdisjoint(ENTITY_KINDS):
        return []
    text = skeleton.text
    found = []
    for match in (*_INCLUDING.finditer(text), *_AMONG_THEM.finditer(text)):
        before = text[: match.start(1) if match.re is _AMONG_THEM else match.start()]
        unnamed = _UNNAMED.search(_lower(before)) or _UNNAMED_BARE.search(before)
        if not unnamed or not _ASIDE.search(before) or before.count("(") > before.count(")"):
            continue
        if _THAT.search(before[unnamed.start() :]) or is_embedded(text, match.start(), accepted):
            continue  # "Some said that many, including |Oman, had signed"
        if match[0].startswith(_COMPANY) and not before.endswith(unnamed[0] + ", "):
            continue  # "Delegations took part, together with |FAO"
        if unnamed.end() < match.start() - _REACH or _POINTED.search(before, unnamed.end()):
            continue
        if any(unnamed.end() <= p.start < match.start() for p in accepted):
            continue  # "Many regions had none, Oman's delegate said, but, like |Chad, …"
        start, end = match.span(1)
        if not any(p.start < end and p.end > start for p in accepted):
            found.append(Phrase(start, end, names.speakers(skeleton, start, end, "included"), "included"))
    return found


def find_unnamed(skeleton: Skeleton, accepted: Sequence[Phrase], floor: Sequence[Speaker] = ()) -> list[Speaker]:
    """Find the unnamed speakers of a sentence.

    Parameters
    ----------
    skeleton : Skeleton
        The reduced sentence.
    accepted : sequence of Phrase
        The named speakers found so far.
    floor : sequence of Speaker, optional
        Who spoke before in the same paragraph, and may be speaking still.

    Returns
    -------
    list of Speaker
        Each with the words used for it; one "unattributed view" for "It was suggested that …".
    """
    text = skeleton.text
    if not accepted and _VIEW.match(text):
        return [_unnamed("unattributed view")]
    found: list[Speaker] = []
    spans: list[tuple[int, int]] = []
    lower = _lower(text)
    searched = [(_UNNAMED, lower)] if _NOUN.search(lower) else []
    for pattern, where in (*searched, (_UNNAMED_BARE, text)):
        for match in pattern.finditer(where):
            if any(match.start() < b and match.end() > a for a, b in spans):
                continue
            if any(p.start <= match.start() < p.end for p in accepted):
                continue
            if floor and (
                _OF_WHAT_WAS_NAMED.match(text, match.end())
                or not _says(text, match)
                or _is_group(match[0] + text[match.end() :], floor)
            ):
                continue
            if _is_speaker(text, match, accepted):
                spans.append(match.span())
                found.append(_unnamed(" ".join(text[match.start() : match.end()].split())))
    return found


def _lower(text: str) -> str:
    """Return text in lower case, of the same length ("İ" alone would grow)."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower()[0] for c in text)


def _unnamed(words: str) -> Speaker:
    return Speaker(UNNAMED, words, "unnamed", "unnamed")


def _says(text: str, match: re.Match[str]) -> bool:
    """Tell whether words such as "many" say something, and are not only spoken of ("Many had been rescued at sea").

    In the middle of what somebody says a verb of saying is asked for, unless those who are meant can only be in the room
    ("Some delegates could not join the consensus"); elsewhere any verb will do.
    """
    before, after = text[: match.start()], text[match.end() :]
    if _HAD_SAID.match(after) or _WERE_TOLD.match(after):
        return False
    return bool(
        (_ATTENDING.search(match[0].lower()) and (opens(before) or _ACKNOWLEDGED.search(before)))
        or FOLLOWED_SPEECH.match(after)
        or _SAYS_BEHIND.match(after)
        or FOLLOWED_GERUND.match(after)
        or _RELATIVE_SAYS.match(after)
        or INVERTED.search(before)
        or _ACCORDING_TO.search(before)
        or after.startswith(", including")
    )


def _is_group(words: str, floor: Sequence[Speaker]) -> bool:
    """Tell whether words such as "most members of the Group" stand for the group that has the floor."""
    if _MEMBERS_ALONE.match(words):
        return any(sp.kind == "group" for sp in floor)
    group = _OF_GROUP.match(words)
    return group is not None and any(sp.is_called(group[1]) for sp in floor)


def _is_speaker(text: str, match: re.Match[str], accepted: Sequence[Phrase]) -> bool:
    """Tell whether words such as "several delegations" stand where a speaker does."""
    before, after = text[: match.start()], text[match.end() :]
    if in_quotes(before) or is_embedded(text, match.start(), accepted):
        return False
    if not accepted and _ACKNOWLEDGED.search(before):  # "That was acknowledged by several delegations"
        return True
    if INVERTED.search(before):  # "…, said several delegations"
        return True
    if re.search(r"\bwith $", before) and FOLLOWED_GERUND.match(after):  # "with some asking"
        return True
    if _ACCORDING_TO.search(before):
        return True
    begins = opens(before) or HARD_START.search(before) or INTRO.match(before)
    speaks = (
        FOLLOWED_SPEECH.match(after)
        or _VERB_BEHIND.match(after)
        or _RELATIVE_SAYS.match(after)
        or after.startswith(", including")
    )
    return bool(begins and speaks)
