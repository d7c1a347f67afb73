"""The vocabulary of reported speech in meeting summaries: who speaks, and the verbs that say so.

Word lists are the part of attribution that a reader can check without reading code. They were compiled from the
grammar of the genre (committee debates, explanations of vote, expert groups, section-style records, bulletins), not
from one document; a word that is missing is added here and nowhere else.
"""

from __future__ import annotations

__all__ = [
    "ANAPHORIC_ROLES",
    "ANAPHORIC_BODIES",
    "AUXILIARIES",
    "BODIES",
    "GENERIC_NAMES",
    "INVERTING_VERBS",
    "NARRATOR_VERBS",
    "OFFICES",
    "PERSON_TITLES",
    "ROLES",
    "SPEECH_GERUNDS",
    "SPEECH_NOUNS",
    "SPEECH_PARTICIPLES",
    "SPEECH_VERBS",
    "UNNAMED_NOUNS",
]

_REGULAR = """
abstain accept accuse acknowledge add address adhere admit advance advise advocate affirm agree align allude announce
answer anticipate appeal applaud appreciate approve argue articulate ask assert assess associate assume assure
attribute avow await back balk believe blame brand brief call caution caveat challenge champion characterize circulate cite
estimate calculate claim clarify co-sponsor comment commend commit compare complain concede conclude concur condemn confine confirm
congratulate consider contend continue contrast convey corroborate cosponsor counter credit criticise criticize declare decline
decry deem defend delineate demand denounce deny deplore describe detail devote differ differentiate disagree disassociate disclose
dismiss dispute disput dissociate doubt draw dub dwell echo elaborate emphasise emphasize encourage endorse enquire
enumerate enunciate envisage exclaim exhort expect explain express extend extol favor favour fear flag focus foresee formulate
greet guarantee hail highlight hint hope illustrate implore imply indicate inform inquire insist interject interpret intervene introduce invite
invoke iterate itemize join joke judge justify label lament laud laugh lend limit link list lobby maintain mention move
muse name note notice object observe offer open opine oppose opt outline pledge point ponder pose posit praise predict prefer present press
proclaim profess promise propose protest provide query question quip quote raise react reaffirm reason reassure rebuff rebut recall
recap reckon recognise recognize recollect recommend recount refer reflect refuse refute regret reiterate reject rejoin
relate relay remark remember remind renew repeat reply report request reserve resist respond restate retort reveal review
salute scoff second share side sigh signal single snap specify speculate spotlight state stipulate stress submit subscribe suggest
summarise summarize support suppose surmise survey suspect sympathize table term testify thank touch trace trust turn underline underscore update uphold
urge venture view voice volunteer vote vow want warn weigh welcome wish withhold wonder worry yearn favour preface bemoan
concentrate dedicate cast chide commemorate concern condition detect dissent embrace evoke exempt extoll identify inveigh
lecture liken mourn plead plan prioritize question rail reprove request scorn sponsor trumpet tout unveil warn welcome
shrug conjecture posit counsel count fault notify understand testify counter-propose interrupt intone register resent restrict scold spell stand stick
""".split()

# base: past, past participle, gerund, third person
_IRREGULAR = {
    "say": ("said", "said", "saying", "says"), "tell": ("told", "told", "telling", "tells"),
    "hold": ("held", "held", "holding", "holds"), "feel": ("felt", "felt", "feeling", "feels"),
    "find": ("found", "found", "finding", "finds"), "see": ("saw", "seen", "seeing", "sees"),
    "think": ("thought", "thought", "thinking", "thinks"), "speak": ("spoke", "spoken", "speaking", "speaks"),
    "go": ("went", "gone", "going", "goes"), "draw": ("drew", "drawn", "drawing", "draws"),
    "give": ("gave", "given", "giving", "gives"), "make": ("made", "made", "making", "makes"),
    "take": ("took", "taken", "taking", "takes"), "put": ("put", "put", "putting", "puts"),
    "read": ("read", "read", "reading", "reads"), "seek": ("sought", "sought", "seeking", "seeks"),
    "begin": ("began", "begun", "beginning", "begins"), "withdraw": ("withdrew", "withdrawn", "withdrawing", "withdraws"),
    "lead": ("led", "led", "leading", "leads"), "set": ("set", "set", "setting", "sets"),
    "pay": ("paid", "paid", "paying", "pays"), "lay": ("laid", "laid", "laying", "lays"),
    "bring": ("brought", "brought", "bringing", "brings"), "show": ("showed", "shown", "showing", "shows"),
    "stand": ("stood", "stood", "standing", "stands"), "know": ("knew", "known", "knowing", "knows"),
    "write": ("wrote", "written", "writing", "writes"), "forget": ("forgot", "forgotten", "forgetting", "forgets"),
    "mean": ("meant", "meant", "meaning", "means"), "hear": ("heard", "heard", "hearing", "hears"),
    "keep": ("kept", "kept", "keeping", "keeps"), "leave": ("left", "left", "leaving", "leaves"),
    "spend": ("spent", "spent", "spending", "spends"), "cast": ("cast", "cast", "casting", "casts"),
    "foresee": ("foresaw", "foreseen", "foreseeing", "foresees"), "stick": ("stuck", "stuck", "sticking", "sticks"),
    "uphold": ("upheld", "upheld", "upholding", "upholds"), "withhold": ("withheld", "withheld", "withholding", "withholds"),
    "understand": ("understood", "understood", "understanding", "understands"),
    "choose": ("chose", "chosen", "choosing", "chooses"), "close": ("closed", "closed", "closing", "closes"),
    "come": ("came", "come", "coming", "comes"), "overrule": ("overruled", "overruled", "overruling", "overrules"),
    "sing": ("sang", "sung", "singing", "sings"), "bid": ("bade", "bidden", "bidding", "bids"),
    "lend": ("lent", "lent", "lending", "lends"), "spell": ("spelled", "spelt", "spelling", "spells"),
}  # fmt: skip
_DOUBLED = {"refer", "submit", "commit", "admit", "dub", "flag", "plan", "quip", "rebut", "recap", "snap", "tax", "concur", "opt", "shrug", "prefer", "regret", "label", "signal", "counsel"}  # fmt: skip


def _forms(verb: str) -> tuple[str, str, str, str]:
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb in _DOUBLED:
        return verb + verb[-1] + "ed", verb + verb[-1] + "ed", verb + verb[-1] + "ing", verb + "s"
    if verb.endswith("e"):
        third = verb + "s"
        return verb + "d", verb + "d", verb[:-1] + "ing", third
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied", verb[:-1] + "ied", verb + "ing", verb[:-1] + "ies"
    third = verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    return verb + "ed", verb + "ed", verb + "ing", third


_ALL = sorted({*_REGULAR, *_IRREGULAR} - {"caveat", "disput"})
#: Finite forms (past and third person singular) and, for plural subjects in the present tense, the base form.
SPEECH_VERBS = frozenset(form for verb in _ALL for form in (_forms(verb)[0], _forms(verb)[3], verb))
SPEECH_GERUNDS = frozenset(_forms(verb)[2] for verb in _ALL)
SPEECH_PARTICIPLES = frozenset(_forms(verb)[1] for verb in _ALL)

AUXILIARIES = frozenset(
    "was were is are had has have would could should did does do will shall may might must can cannot didn't doesn't".split()
)

#: Nouns for the person or the team that speaks for a delegation, singular.
ROLES = (
    "delegate", "representative", "speaker", "observer", "expert", "envoy", "ambassador", "delegation", "counterpart",
    "colleague", "official", "spokesman", "spokeswoman", "spokesperson", "negotiator", "diplomat", "emissary",
    "participant", "member", "advocate", "commentator", "correspondent", "panelist from", "head of delegation",
    "State Secretary", "secretary of state", "state secretary", "man", "woman", "lawyer", "counsellor", "attaché", "youth delegate", "youth representative", "national", "interlocutor", "intervener", "neighbour", "partner", "sponsor",
)  # fmt: skip

#: Offices: who holds one speaks for the state or the organisation that follows ("Minister for Justice of Kenya").
OFFICES = (
    "Minister", "Attorneys General", "Secretaries of State", "Vice-Minister", "Deputy Minister", "Prime Minister", "Deputy Prime Minister", "President",
    "Vice-President", "Attorney General", "Attorney-General", "Solicitor General", "Prosecutor General",
    "Prosecutor-General", "Executive Director", "Director", "Director-General", "Deputy Director-General", "Deputy Director",
    "Deputy Executive Director", "Secretary-General", "Deputy Secretary-General", "Assistant Secretary-General",
    "Secretary of State", "Under-Secretary", "Permanent Representative", "Deputy Permanent Representative",
    "Permanent Observer", "Chargé d'affaires", "Legal Adviser", "Legal Advisor", "High Commissioner", "Executive Secretary",
    "Head", "Chief", "Ambassador", "Administrator", "Commissioner", "Under-Secretary-General", "Counsellor", "General Counsel",
    "First Secretary", "Second Secretary", "Third Secretary",
)  # fmt: skip

#: What "its …" or "the …" may stand for when no name follows.
ANAPHORIC_ROLES = (*ROLES, "minister", "foreign minister", "prime minister", "permanent representative", "party")

#: Offices of a meeting and outside guests: they speak, but for no delegation.
PERSON_TITLES = (
    "Chair", "Chairman", "Chairperson", "Chairwoman", "Vice-Chair", "Vice-Chairman", "Co-Chair", "Co-Chairs", "Vice-Chairs",
    "Co-Facilitator", "Co-Facilitators", "Facilitator", "Facilitators", "Rapporteur", "Special Rapporteur", "Moderator", "moderator",
    "panellist", "panelist", "panellists", "panelists", "professor", "Professor", "Presiding Officer", "President", "Vice-President", "presenter",
    "keynote speaker", "researcher", "Independent Expert", "Secretary",
    "Special Representative", "Special Envoy", "Special Adviser", "consultant", "coordinator", "Coordinator", "Friends of the Chair",
    "lecturer", "academic", "scientist", "judge", "Judge",
)  # fmt: skip

#: Plural nouns that, without a name, stand for speakers who are not named.
UNNAMED_NOUNS = (
    "delegates", "delegations", "speakers", "representatives", "participants", "experts", "members", "observers", "countries",
    "states", "member states", "governments", "parties", "voices", "interventions", "panellists", "envoys", "ministers",
    "respondents", "commentators", "missions", "non-governmental organizations", "ngos", "organizations", "co-sponsors", "sponsors", "partners",
    "colleagues", "nations", "small states", "civil society organizations", "civil society representatives", "groups",
)  # fmt: skip

#: Bodies in session. With a verb of NARRATOR_VERBS behind it, a sentence is the reporter's own.
BODIES = (
    "Committee", "committee", "Assembly", "Council", "Commission", "Congress", "Conference", "Working Group", "Meeting",
    "meeting", "Group", "group", "plenary", "Plenary", "session", "Session", "Secretariat", "Parties", "Bureau", "COP", "SBSTTA", "INC", "IGC",
    "contact group", "Contact group", "debate", "discussion", "Expert Group", "expert group", "Chamber", "Main Committee", "Board",
)  # fmt: skip
NARRATOR_VERBS = (
    "adopted", "approved", "rejected", "took up", "took note", "took action", "then", "also heard", "heard", "was suspended", "suspended", "resumed", "adjourned",
    "concluded", "turned", "opened", "decided", "will", "met", "reconvened", "retained", "set up", "began", "proceeded", "elected",
    "next", "was resuming", "continued its", "considered", "agreed to", "returned", "established", "had before it", "went on to adopt",
    "went on to approve", "rose", "closed", "convened", "was scheduled", "is scheduled", "was due", "acted", "deferred", "postponed", "voted", "endorsed", "was informed", "was briefed",
)  # fmt: skip

#: Capitalised subjects that are not organisations, whatever verb follows.
GENERIC_NAMES = frozenset(
    """Convention Conventions Treaty Treaties Protocol Protocols Statute Declaration Declarations Covenant Covenants Agreement Agreements
    Resolution Resolutions Report Reports Article Articles Chapter Part Annex Section Committee Committees Assembly Commission Congress Conference
    Meeting Meetings Session Sessions Working Government Governments States State Member Members Chair Chairman Chairperson Bureau Secretary President Plan
    Programme Program Agenda Charter Compact Framework Principles Rules Guidelines Guidance Strategy Decision Decisions Draft Drafts Amendment
    Goals Goal Fund Court Tribunal Day Week Month Year Decade Monday Tuesday Wednesday Thursday Friday Saturday Sunday January
    February March April May June July August September October November December Internet COVID-19 Parties Party Delegates Delegations
    Speakers Participants Representatives Observers Experts Minister Ministers Ambassador Mr Ms Mrs Dr Rapporteur Moderator Panel
    Right Reply Vote Action Statement Statements Introduction Background Dialogue Discussion Debate Organization Nations World Earth North South East
    West Sea Ocean Africa Asia Europe Pacific Caribbean America Americas Latin Summit Forum Review Instrument Instruments Process Mechanism
    Regarding Concerning Under Following Later Earlier Today Yesterday Tomorrow Human Law International Global National Regional Text Paragraph
    Negotiations Budget Initiative Code Code-of-Conduct Accord Accords Pact Outcome Document Mandate Option Options Proposal Item Cluster""".split()
)

#: Verbs that go before their subject ("…, said the delegate of X"); others before a name take it as an object.
INVERTING_VERBS = frozenset(
    form
    for verb in (
        "say state add note argue ask answer reply respond retort counter observe remark warn caution conclude continue explain "
        "maintain insist recall suggest wonder declare announce stress emphasize emphasise agree object protest predict contend "
        "concede admit acknowledge affirm assert report underline underscore reiterate repeat hold inquire enquire rejoin quip "
        "sigh joke claim complain lament interject exclaim think believe feel find come speak adhere propose point recount describe clarify "
        "submit write begin confirm reason muse venture demur opine regret hope fear charge plead urge tell voice"
    ).split()
    for form in (_forms(verb)[0], _forms(verb)[3])
)

#: What belongs to a delegation and says something when it is the subject ("Vanuatu's objection was …").
SPEECH_NOUNS = (
    "position", "view", "views", "concern", "concerns", "objection", "objections", "answer", "reply", "response", "preference", "question",
    "proposal", "suggestion", "statement", "intervention", "argument", "reading", "worry", "contribution", "reservation", "reservations",
    "opposition", "support", "message", "request", "plea", "call", "priority", "verdict", "complaint", "opinion", "assessment", "rejoinder", "remarks",
)  # fmt: skip

#: Words that, alone, point back to a group that was named before.
ANAPHORIC_BODIES = frozenset("Community Union Group League Forum Alliance Movement Association Organization Council Committee Coalition Federation Network".split())
