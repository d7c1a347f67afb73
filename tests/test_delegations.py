"""The registry: names found in text, names resolved, members, and the integrity of the tables."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pycountry
import pytest

import stance.delegations
from stance.delegations import ALIAS_TYPES, DEFAULT_TYPES, KINDS, Registry, load_registry, read_registry
from stance.errors import ConfigError

DATA = Path(stance.delegations.__file__).parent / "data"
OBSERVERS = {"VAT", "PSE", "COK", "NIU"}
NO_CAPITAL = {"ISR", "PSE", "VAT", "DJI", "MCO", "SMR", "SGP"}
REGIONAL_GROUPS = ("AFRICAN_GROUP", "ASIA_PACIFIC_GROUP", "EEG", "GRULAC", "WEOG")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def found(registry: Registry, text: str, types: frozenset[str] | None = None) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.code) for m in registry.find(text, types)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Papua New Guinea and Guinea", [("Papua New Guinea", "PNG"), ("Guinea", "GIN")]),
        ("Equatorial Guinea, Guinea-Bissau", [("Equatorial Guinea", "GNQ"), ("Guinea-Bissau", "GNB")]),
        ("Guinea‑Bissau, Guinea–Bissau", [("Guinea‑Bissau", "GNB"), ("Guinea–Bissau", "GNB")]),
        ("Niger and Nigeria", [("Niger", "NER"), ("Nigeria", "NGA")]),
        ("a Nigerien, a Nigerian", [("Nigerien", "NER"), ("Nigerian", "NGA")]),
        ("Dominica, Dominican Republic", [("Dominica", "DMA"), ("Dominican Republic", "DOM")]),
        ("his Dominican counterpart", [("Dominican", "DOM")]),
        (
            "the Republic of Korea and the Democratic People’s Republic of Korea",
            [("Republic of Korea", "KOR"), ("Democratic People’s Republic of Korea", "PRK")],
        ),
        ("Democratic People's Republic of Korea", [("Democratic People's Republic of Korea", "PRK")]),
        ("Democratic Republic of the Congo", [("Democratic Republic of the Congo", "COD")]),
        ("the Congo, the Republic of the Congo", [("Congo", "COG"), ("Republic of the Congo", "COG")]),
        ("South Sudan, the Sudan", [("South Sudan", "SSD"), ("Sudan", "SDN")]),
        ("South Sudanese and Sudanese", [("South Sudanese", "SSD"), ("Sudanese", "SDN")]),
        (
            "United Kingdom of Great Britain and Northern Ireland",
            [("United Kingdom of Great Britain and Northern Ireland", "GBR")],
        ),
        ("Northern Ireland; Ireland", [("Ireland", "IRL")]),
        ("American Samoa; Samoa", [("Samoa", "WSM")]),
        ("Latin American Parliament, Inter-American Court", []),
        ("Council of Europe and European Union", [("Council of Europe", "COE"), ("European Union", "EU")]),
        ("the Council of the European Union", [("Council of the European Union", "EU")]),
        ("for the Arab Group, United Arab Emirates", [("Arab Group", "ARAB_GROUP"), ("United Arab Emirates", "ARE")]),
        ("the Organization of American States", [("Organization of American States", "OAS")]),
        ("the Economic Community of West African States", [("Economic Community of West African States", "ECOWAS")]),
        ("Iran (Islamic Republic of) said", [("Iran (Islamic Republic of)", "IRN")]),
        ("the Islamic Republic of Iran said", [("Islamic Republic of Iran", "IRN")]),
        ("(Bolivia (Plurinational State of))", [("Bolivia (Plurinational State of)", "BOL")]),
        ("Saint Vincent and the Grenadines and Grenada", [
            ("Saint Vincent and the Grenadines", "VCT"), ("Grenada", "GRD")]),
        ("St. Vincent and the Grenadines", [("St. Vincent and the Grenadines", "VCT")]),
        ("Trinidad and Tobago and Togo", [("Trinidad and Tobago", "TTO"), ("Togo", "TGO")]),
        ("Viet\u00a0Nam’s delegate", [("Viet\u00a0Nam", "VNM")]),
        ("New\u202fZealand", [("New\u202fZealand", "NZL")]),
        ("the United  States’ and Sri\nLanka's", [("United  States", "USA"), ("Sri\nLanka", "LKA")]),
        ("NORWAY: CÔTE D’IVOIRE; CÔTE D'IVOIRE’S", [
            ("NORWAY", "NOR"), ("CÔTE D’IVOIRE", "CIV"), ("CÔTE D'IVOIRE", "CIV")]),
        ("Cote d'Ivoire, Turkiye, TÜRKİYE", [("Cote d'Ivoire", "CIV"), ("Turkiye", "TUR"), ("TÜRKİYE", "TUR")]),
        ("Co\u0302te d’Ivoire", [("Co\u0302te d’Ivoire", "CIV")]),
        ("Sao Tome and Principe", [("Sao Tome and Principe", "STP")]),
        ("São Tomé and Príncipe", [("São Tomé and Príncipe", "STP")]),
        ("The former Yugoslav Republic of Macedonia", [("former Yugoslav Republic of Macedonia", "MKD")]),
        ("the former Yugoslavia", []),
        ("a chad, a turkey, a guinea pig, a Guinea pig, some china", []),
        ("Gulf of Guinea, Sea of Japan, New Mexico, Lake Chad Basin", []),
        ("told us, the who, the us and eu", []),
        ("the US, U.S. and U.S.’s", [("US", "USA"), ("U.S.", "USA"), ("U.S.", "USA")]),
        ("US$5 million, US dollars, A/USA1", []),
        ("UK, DPRK, EU, UAE, DRC, PNG", [(a, b) for a, b in zip(
            ("UK", "DPRK", "EU", "UAE", "DRC", "PNG"), ("GBR", "PRK", "EU", "ARE", "COD", "PNG"), strict=True)]),
        ("document UNEP/CBD/COP/8", []),
        ("GUIDANCE FOR ALL WHO CARE", []),
        ("JAPAN, US and EU, the US", [("JAPAN", "JPN"), ("US", "USA"), ("EU", "EU"), ("US", "USA")]),
        ("The Bahamas and the Gambia", [("Bahamas", "BHS"), ("Gambia", "GMB")]),
        ("Turkish Cypriots, the International Criminal Tribunal for Rwanda", []),
        ("ROSA ALBA QUISHPE (Ecuador)", [("Ecuador", "ECU")]),
        ("the WHO said", [("WHO", "WHO")]),
        ("World Health Organization (WHO)", [("World Health Organization", "WHO"), ("WHO", "WHO")]),
        ("Group of 77 developing countries and China", [("Group of 77 developing countries and China", "G77")]),
        ("the Group of 77 and China; China", [("Group of 77 and China", "G77"), ("China", "CHN")]),
        ("G-77/China, G‑77", [("G-77/China", "G77"), ("G‑77", "G77")]),
        ("Non-Aligned Movement (NAM), Namibia", [
            ("Non-Aligned Movement", "NON_ALIGNED_MOVEMENT"), ("NAM", "NON_ALIGNED_MOVEMENT"), ("Namibia", "NAM")]),
        ("the least developed countries; Least Developed Countries", [
            ("least developed countries", "LDCS"), ("Least Developed Countries", "LDCS")]),
        ("the Nordic Countries, Group of Latin American and Caribbean states", [
            ("Nordic Countries", "NORDIC"), ("Group of Latin American and Caribbean states", "GRULAC")]),
        ("Commonwealth of Independent States", [("Commonwealth of Independent States", "CIS")]),
        ("Cooperation Council for the Arab States of the Gulf", [
            ("Cooperation Council for the Arab States of the Gulf", "GCC")]),
        ("the Sovereign Order of Malta and Malta", [("Sovereign Order of Malta", "ORDER_OF_MALTA"), ("Malta", "MLT")]),
        ("on behalf of Canada, Australia and New Zealand, said", [("Canada, Australia and New Zealand", "CANZ")]),
        ("Canada, Australia and New Zealand (CANZ)", [("Canada, Australia and New Zealand", "CANZ"), ("CANZ", "CANZ")]),
        ("of Canada, Australia and New Zealand.", [("Canada", "CAN"), ("Australia", "AUS"), ("New Zealand", "NZL")]),
        ("the i-Kiribati and Ni-Vanuatu envoys", [("i-Kiribati", "KIR"), ("Ni-Vanuatu", "VUT")]),
        ("Mexicot, Omanis, Malivan, xMali", []),
        ("Mexico City", []),
        ("Timor-Leste and East Timor", [("Timor-Leste", "TLS"), ("East Timor", "TLS")]),
        ("", []),
    ],
)  # fmt: skip
def test_find(registry: Registry, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(registry, text) == expected


def test_find_selects_types(registry: Registry) -> None:
    text = "In Seoul, the Finnish envoy met Norway near Mexico City."
    assert found(registry, text) == [("Finnish", "FIN"), ("Norway", "NOR")]
    assert found(registry, text, frozenset({"capital"})) == [("Seoul", "KOR"), ("Mexico City", "MEX")]
    assert found(registry, text, frozenset({"short"})) == [("Norway", "NOR")]
    assert found(registry, "the Paris Agreement, Paris", frozenset({"capital"})) == [("Paris", "FRA")]
    with pytest.raises(ConfigError, match="nickname"):
        registry.find(text, frozenset({"nickname"}))


def test_find_reports_alias_and_type(registry: Registry) -> None:
    (mention,) = registry.find("😀 the DELEGATION OF VIET\u00a0NAM")
    assert (mention.start, mention.end) == (20, 28)
    assert (mention.code, mention.alias, mention.type) == ("VNM", "Viet Nam", "short")


def test_find_finds_every_alias(registry: Registry) -> None:
    """Every listed name is found whole, as itself or as the delegation that shares its demonym."""
    shared = Counter(alias.text for alias in registry.aliases if alias.type == "demonym")
    for alias in registry.aliases:
        text = (
            f"on behalf of {alias.text}, they said" if alias.code in {"CANZ", "ABU", "BASIC"} else f"– {alias.text} –"
        )
        types = frozenset({"capital"}) if alias.type == "capital" else DEFAULT_TYPES
        mentions = registry.find(text, types)
        assert [text[m.start : m.end] for m in mentions] == [alias.text], alias
        if shared[alias.text] < 2:
            assert mentions[0].code == alias.code, alias


def test_find_is_fast(registry: Registry) -> None:
    text = (
        "The representative of Norway said that many States agreed. Others, among them Chad’s delegate, did not.\n"
        * 3000
    )
    registry.find("")
    took = []
    # Processor time, and the best of three: what else the machine does is not the registry's doing.
    for _ in range(3):
        start = time.process_time()
        mentions = registry.find(text)
        took.append(time.process_time() - start)
        assert len(mentions) == 6000
    assert len(text) / min(took) > 1_000_000


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("the United States", "USA"), ("US", "USA"), ("U.S.", "USA"), ("Cote d`Ivoire", "CIV"),
        ("CÔTE D'IVOIRE", "CIV"), ("The Gambia", "GMB"), ("Georgian", "GEO"),
        ("cote  d’ivoire", "CIV"), ("Korea, Republic of", "KOR"), ("Korea, Democratic People's Republic of", "PRK"),
        ("Congo, The Democratic Republic of the", "COD"), ("Bahamas (the)", "BHS"), ("The Bahamas", "BHS"),
        ("Viet\u00a0Nam", "VNM"), ("Guinea–Bissau", "GNB"), ("Timor Leste", "TLS"), ("turkiye", "TUR"),
        ("European Union (EU)", "EU"), ("European Union", "EU"), ("Group of 77 and China", "G77"),
        ("Non-Aligned Movement", "NON_ALIGNED_MOVEMENT"), ("Canada, Australia and New Zealand", "CANZ"),
        ("Bosnia & Herzegovina", "BIH"), ("Norway,", "NOR"), ("Curaçao", None), ("us", None), ("eu", None),
        ("Seoul", None), ("", None), ("Atlantis", None), ("European Union (Norway)", None),
    ],
)  # fmt: skip
def test_resolve(registry: Registry, name: str, code: str | None) -> None:
    delegation = registry.resolve(name)
    assert (delegation and delegation.code) == code


def test_every_iso_name_resolves(registry: Registry) -> None:
    for country in pycountry.countries:
        if country.alpha_3 in registry:
            names = [str(getattr(country, f)) for f in ("name", "official_name", "common_name") if hasattr(country, f)]
            for name in names:
                delegation = registry.resolve(name)
                # ISO keeps an outdated order for Algeria.
                if name != "People's Democratic Republic of Algeria":
                    assert delegation is not None, name
                assert delegation is None or delegation.code == country.alpha_3


def test_get(registry: Registry) -> None:
    norway = registry.get("NOR")
    assert (norway.name, norway.kind, norway.iso3) == ("Norway", "state", "NOR")
    assert registry.get("EU").iso3 is None
    assert "NOR" in registry and "XXX" not in registry and 5 not in registry
    with pytest.raises(ConfigError, match="'XXX'"):
        registry.get("XXX")
    with pytest.raises(ConfigError, match="the code of Norway is NOR"):
        registry.get("Norway")


def test_states(registry: Registry) -> None:
    states = {d.code for d in registry if d.kind == "state"}
    assert len(states - OBSERVERS) == 193 and states >= OBSERVERS
    assert all(pycountry.countries.get(alpha_3=code) for code in states)
    assert {d.kind for d in registry} == set(KINDS)
    assert all(d.iso3 == (d.code if d.kind == "state" else None) for d in registry)
    assert len({d.name for d in registry}) == len(registry)


def test_every_delegation_has_names(registry: Registry) -> None:
    types: dict[str, set[str]] = {d.code: set() for d in registry}
    for alias in registry.aliases:
        types[alias.code].add(alias.type)
        assert alias.type in ALIAS_TYPES
        assert alias.text == " ".join(alias.text.split())
    for delegation in registry:
        assert registry.resolve(delegation.name) == delegation
        assert "short" in types[delegation.code]
        if delegation.kind == "state":
            assert "demonym" in types[delegation.code] or delegation.code == "VAT", delegation
            assert ("capital" in types[delegation.code]) != (delegation.code in NO_CAPITAL), delegation


@pytest.mark.parametrize(
    ("group", "year", "count"),
    [
        ("EU", None, 27), ("EU", 2019, 28), ("EU", 2003, 15), ("EU", 1960, 6), ("AFRICAN_GROUP", None, 54),
        ("AU", None, 54), ("ARAB_GROUP", None, 22), ("GRULAC", None, 33), ("CELAC", 2021, 32), ("EEG", None, 23),
        ("ASEAN", 2000, 10), ("ASEAN", None, 11), ("OIC", None, 57), ("NORDIC", None, 5), ("BALTIC", 2010, 3),
        ("NORDIC_BALTIC", None, 8), ("COE", 2021, 47), ("COE", None, 46), ("NATO", None, 32), ("GCC", None, 6),
        ("LDCS", None, 44), ("LLDCS", None, 32), ("G77", None, 134), ("NON_ALIGNED_MOVEMENT", None, 121), ("AOSIS", None, 39),
        ("SADC", None, 16), ("ECOWAS", 2024, 15), ("ECOWAS", None, 12), ("COMMONWEALTH", None, 56), ("OSCE", None, 57),
        ("G20", None, 19), ("RIO_GROUP", None, 24), ("RIO_GROUP", 2015, 0), ("UNODC", None, 0), ("NOR", None, 0),
    ],
)  # fmt: skip
def test_members(registry: Registry, group: str, year: int | None, count: int) -> None:
    assert len(registry.members(group, year)) == count


def test_members_by_year(registry: Registry) -> None:
    assert "GBR" in registry.members("EU", 2019) and "GBR" not in registry.members("EU", 2020)
    assert "SSD" not in registry.members("AFRICAN_GROUP", 2010)
    assert registry.members("CANZ") == {"CAN", "AUS", "NZL"}
    with pytest.raises(ConfigError, match="NOBODY"):
        registry.members("NOBODY")


def test_regional_groups_are_the_member_states(registry: Registry) -> None:
    members = [code for group in REGIONAL_GROUPS for code in registry.members(group)]
    assert len(members) == len(set(members)) == 193
    assert not OBSERVERS & set(members)


def test_members_resolve(registry: Registry) -> None:
    for delegation in registry:
        assert all(registry.get(code).kind == "state" for code in registry.members(delegation.code))


@pytest.mark.parametrize(
    ("file", "row", "words"),
    [
        ("delegations.csv", "NOR,Norway,state", ["line 389", "'code'", "twice"]),
        ("delegations.csv", "Nor,Norway,state", ["'code'", "'Nor'"]),
        ("delegations.csv", "XYZ,,state", ["'name'", "empty"]),
        ("delegations.csv", "XYZ,Atlantis,country", ["'kind'", "'country'"]),
        ("delegations.csv", "XYZ,Atlantis", ["'kind'", "2 cells"]),
        ("aliases.csv", "XYZ,Atlantis,short", ["'code'", "'XYZ'"]),
        ("aliases.csv", "SWE,NORWAY,variant", ["'alias'", "NOR and SWE"]),
        ("aliases.csv", "SWE,UK,abbreviation", ["'alias'", "GBR and SWE"]),
        ("aliases.csv", "SWE,Sweden,variant", ["'alias'", "twice"]),
        ("aliases.csv", "SWE, Svea ,variant", ["'alias'", "white space"]),
        ("aliases.csv", "SWE,Svea,nickname", ["'type'", "'nickname'"]),
        ("members.csv", "NORDIC,XYZ,,", ["'member'", "'XYZ'"]),
        ("members.csv", "NORDIC,EU,,", ["'member'", "not a state"]),
        ("members.csv", "NOR,SWE,,", ["'group'", "is a state"]),
        ("members.csv", "NORDIC,SWE,,", ["'member'", "twice"]),
        ("members.csv", "NORDIC,EST,soon,", ["'from_year'", "'soon'"]),
        ("members.csv", "NORDIC,EST,2000,1999", ["'to_year'", "not after"]),
        ("exclusions.csv", '""', ["'text'", "empty"]),
        ("exclusions.csv", '"open', ["not CSV"]),
    ],
)  # fmt: skip
def test_bad_rows_are_refused(tmp_path: Path, file: str, row: str, words: list[str]) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    with (tmp_path / "data" / file).open("a", encoding="utf-8") as stream:
        stream.write(row + "\n")
    with pytest.raises(ConfigError) as error:
        read_registry(tmp_path / "data")
    assert all(word in str(error.value) for word in [file, *words])


def test_missing_file_and_wrong_header(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"delegations\.csv"):
        read_registry(tmp_path)
    (tmp_path / "delegations.csv").write_text("code,kind,name\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 1"):
        read_registry(tmp_path)


def test_import_is_light() -> None:
    code = "import sys, stance.delegations; print(sorted({'pandas', 'torch', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_registry_is_read_once() -> None:
    assert load_registry() is load_registry()
