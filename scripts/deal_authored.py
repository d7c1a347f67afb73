#!/usr/bin/env python3
"""Deal delegations and stances at random for the authored summaries, so that no country is tied to an opinion.

    python scripts/deal_authored.py [--seed 365]                                  (s01 to s90)
    python scripts/deal_authored.py --seed 366 --first 91 --summaries 42          (s91 to s132)
    python scripts/deal_authored.py --seed 367 --first 133 --summaries 40 --targets later     (s133 to s172)
    python scripts/deal_authored.py --seed 371 --first 203 --summaries 24 --targets sixth     (s203 to s226)
    python scripts/deal_authored.py --seed 372 --first 227 --summaries 24 --targets seventh   (s227 to s250)
    python scripts/deal_authored.py --seed 374 --first 251 --summaries 48 --targets eighth    (s251 to s298)
    python scripts/deal_authored.py --seed 376 --venues data/authored/venues.csv    (s299 to s314, t09 to t24)
    python scripts/deal_authored.py --seed 377 --venues data/authored/venues.csv    (s315 to s346)

Writes one block per summary to standard output: its file name, target, genre, year and the delegations with the side
that each must take. The writer of a summary follows the deal whatever the real state is known to think; the deal
itself is not read by any other program.
"""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path

import pycountry

OTHERS = (
    "cultural-property-convention", "crimes-against-humanity-convention", "terrorism-convention", "plastics-treaty",
    "pandemic-agreement", "nuclear-prohibition-treaty", "outer-space-arms-treaty", "autonomous-weapons-treaty",
    "arms-trade-treaty", "older-persons-convention", "business-human-rights-treaty", "right-to-development-covenant",
    "high-seas-agreement", "tax-cooperation-convention", "state-responsibility-convention",
    "private-military-companies-convention", "disaster-protection-convention", "wildlife-crime-protocol",
)  # fmt: skip
#: Targets of the third deal, which widens what training sees of other treaties.
LATER = (
    "fissile-material-treaty", "global-environment-pact", "artificial-intelligence-convention", "forest-convention",
    "transboundary-aquifers-convention", "diplomatic-protection-convention", "violence-against-women-convention",
    "sovereign-debt-framework", "traditional-knowledge-treaty", "negative-security-assurances-treaty",
)  # fmt: skip
#: Targets of the two halves of the sixth round, and of the seventh round.
SIXTH = (
    "climate-displacement-convention", "early-education-protocol", "racism-standards-protocol",
    "asset-recovery-protocol", "antimicrobial-resistance-treaty", "ammunition-instrument", "space-resources-treaty",
    "information-security-convention", "minerals-instrument", "alcohol-framework-convention", "fossil-fuel-treaty",
    "torture-goods-treaty",
)  # fmt: skip
SEVENTH = (
    "platform-work-convention", "privacy-convention", "geoengineering-agreement", "organ-trafficking-convention",
    "minorities-convention", "investment-court-statute", "officials-immunity-convention", "middle-east-zone-treaty",
    "falsified-medicines-convention", "space-debris-instrument", "rural-workers-convention", "soil-convention",
)  # fmt: skip
EIGHTH = (
    "human-cloning-convention", "personnel-accountability-convention", "financial-flows-convention",
    "anticorruption-court-statute", "missile-treaty", "piracy-tribunal-statute", "expulsion-of-aliens-convention",
    "organizations-responsibility-convention", "neurotechnology-convention", "water-convention", "ecocide-protocol",
    "chemicals-framework-convention",
)  # fmt: skip
TARGETS = {"first": OTHERS, "later": LATER, "sixth": SIXTH, "seventh": SEVENTH, "eighth": EIGHTH}
GENRES = (
    ("sections", 24), ("committee-debate", 20), ("bulletin", 18), ("vote", 12), ("expert-group", 9),
    ("dispatch", 7), ("communique", 5), ("congress", 5),
)  # fmt: skip
LATER_GENRES = (
    ("committee-debate", 50),
    ("vote", 14),
    ("congress", 10),
    ("sections", 10),
    ("bulletin", 8),
    ("dispatch", 8),
)
GROUPS = (
    "AFRICAN_GROUP", "ARAB_GROUP", "G77", "NON_ALIGNED_MOVEMENT", "ASEAN", "CARICOM", "CELAC", "GRULAC", "NORDIC", "BALTIC", "CANZ",
    "OIC", "GCC", "CIS", "CSTO", "SCO", "LDCS", "LLDCS", "AOSIS", "PIF", "AU", "SADC", "ECOWAS",
)  # fmt: skip
NOT_MEMBERS = frozenset(
    [
        "ABW",
        "AIA",
        "ALA",
        "ASM",
        "ATA",
        "ATF",
        "BES",
        "BLM",
        "BMU",
        "BVT",
        "CCK",
        "COK",
        "CUW",
        "CXR",
        "CYM",
        "ESH",
        "FLK",
        "FRO",
        "GGY",
        "GIB",
        "GLP",
        "GRL",
        "GUF",
        "GUM",
        "HKG",
        "HMD",
        "IMN",
        "IOT",
        "JEY",
        "MAC",
        "MAF",
        "MNP",
        "MSR",
        "MTQ",
        "MYT",
        "NCL",
        "NFK",
        "NIU",
        "PCN",
        "PRI",
        "PSE",
        "PYF",
        "REU",
        "SGS",
        "SHN",
        "SJM",
        "SPM",
        "SXM",
        "TCA",
        "TKL",
        "TWN",
        "UMI",
        "VAT",
        "VGB",
        "VIR",
        "WLF",
    ]
)


def _deal(rng: random.Random, states: list[str], *, for_: int, against: int) -> None:
    """Draw the delegations of a summary and print the sides that they must take."""
    dealt = rng.sample(states, 26)
    print("for:", *dealt[:for_], "| group:", rng.choice(GROUPS))
    print("against:", *dealt[for_ : for_ + against], "| group:", rng.choice(GROUPS))
    print("neutral:", *dealt[for_ + against : 21])
    print("listed only or unused:", *dealt[21:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=365)
    parser.add_argument("--first", type=int, default=1, help="number of the first summary")
    parser.add_argument("--summaries", type=int, default=90, help="how many to deal")
    parser.add_argument("--targets", choices=TARGETS, default="first", help="which targets to deal beside cybercrime")
    parser.add_argument("--venues", type=Path, help="deal for the meetings in this file that are of the seed")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    states = sorted(c.alpha_3 for c in pycountry.countries if c.alpha_3 not in NOT_MEMBERS)
    if args.venues:
        with args.venues.open(encoding="utf-8", newline="") as handle:
            rows = [row for row in csv.DictReader(handle) if row["seed"] == str(args.seed)]
        for row in rows:
            print(
                f"\n## {row['summary']} target={row['target']} genre={row['genre']} year={row['year']}\n{row['venue']}"
            )
            _deal(rng, states, for_=6, against=5)
        return
    genres = [name for name, weight in (GENRES if args.targets == "first" else LATER_GENRES) for _ in range(weight)]
    others = TARGETS[args.targets]
    for number in range(args.first, args.first + args.summaries):
        target = "cybercrime-convention" if number % 2 else others[(number // 2 - 1) % len(others)]
        genre, year = rng.choice(genres), rng.randint(2005, 2031)
        print(f"\n## s{number:02d} target={target} genre={genre} year={year}")
        _deal(rng, states, for_=7, against=7)


if __name__ == "__main__":
    main()
