"""Asking a language model: what is asked, how answers are read, what faults cost, and what never leaves."""

from __future__ import annotations

import csv
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chat_server import ChatServer, some_faults
from conftest import ROOT, Ran

from stance.annotations import read_annotations
from stance.attribution import attribute
from stance.classifiers.ensemble import EnsembleClassifier
from stance.classifiers.prompted import PromptedClassifier
from stance.config import load_config
from stance.documents import read_document
from stance.encoding import Encoded, EncodingOptions, encode_annotations, encode_attribution, find_names
from stance.errors import ConfigError, ModelError, UnansweredError
from stance.evaluation.exchange import exchange_names
from stance.model import Classifier
from stance.positions import decide
from stance.prompting import Answer, AnswerCache, Cost, Prompt, Unreadable, read_answer
from stance.prompting.answers import from_log_probabilities, from_votes
from stance.prompting.prompt import question
from stance.resources import codebook_path
from stance.targets import known_targets, load_target

DEBATE = ROOT / "data" / "meetings" / "SOC_CP_365.txt"
GOLD = ROOT / "data" / "annotations" / "SOC_CP_365.jsonl"
KEY = "sk-secret-0123456789"
CLAIM = Encoded("A treaty on plastics", "", "[SPEAKER] called for a new treaty.")
OTHER = Encoded("A treaty on plastics", "", "[SPEAKER] described its laws.")


@pytest.fixture
def server() -> Iterator[ChatServer]:
    found = ChatServer()
    yield found
    found.close()


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("STANCE_API_KEY", KEY)


def asking(server: ChatServer, **params: Any) -> PromptedClassifier:
    """Return a classifier that asks a server of the tests, ready for use."""
    made = PromptedClassifier(server.url, "tested", **{"timeout": 0.5, "retries": 3, **params})
    return made.fit([], [])


def model_folder(run: Callable[..., Ran], server: ChatServer, out: Path, *more: str) -> Path:
    """Write the folder of a model that asks a server of the tests."""
    fields = (f"base_url={server.url}", "model=tested", "timeout=0.5", "retries=3", *more)
    done = run("train", ROOT / "configs" / "prompted.yaml", *(x for f in fields for x in ("--set", f"classifier.{f}")), "--out", out)  # fmt: skip
    assert done.code == 0, done.err
    return out


# What is asked


def debate_prompts() -> list[str]:
    """Return the words of every prompt about the debate."""
    attribution = attribute(read_document(DEBATE))
    target = load_target("cybercrime-convention")
    encoded = encode_attribution(attribution, attribution.statements, target, EncodingOptions(context=2))
    prompt = Prompt(codebook_path().read_text(encoding="utf-8"))
    return ["\n".join(m["content"] for m in prompt.messages(x)) for x in encoded]


def test_prompts_name_no_delegation() -> None:
    attribution = attribute(read_document(DEBATE))
    names = {n.text for found in attribution.names.values() for n in found} | {s.speaker_name for s in attribution.statements if s.speaker_kind != "unnamed"}  # fmt: skip
    assert len(names) > 40
    for prompt in debate_prompts():
        assert find_names(prompt) == []
        said = prompt.split("Sentences before it")[-1]
        assert [name for name in names if name in said] == []
        assert "[SPEAKER]" in prompt


def test_targets_name_no_delegation_in_a_prompt() -> None:
    for name in known_targets():
        target = load_target(name)
        asked = question(Encoded(target.name, "", "text", target.description))
        assert find_names(asked) == [], name
        if name == "cybercrime-convention":
            assert "Budapest Convention" in asked


def test_another_country_makes_no_other_prompt() -> None:
    annotations = read_annotations(GOLD, offsets=False)
    options = EncodingOptions(context=2)
    prompt = Prompt("code it")
    exchanged = exchange_names(annotations, seed=13)
    before, after = (
        [prompt.messages(x) for x in encode_annotations(items, options)] for items in (annotations, exchanged)
    )
    assert [a.text for a in annotations] != [a.text for a in exchanged]
    assert before == after


def test_a_prompt_holds_codebook_target_context_and_examples() -> None:
    shown = Prompt("THE CODEBOOK", ())
    x = Encoded("A treaty on plastics", "[OTHER] spoke.", '[SPEAKER] said "no".', "A treaty against litter.")
    system, question = shown.messages(x)
    assert "THE CODEBOOK" in system["content"]
    for words in ("A treaty on plastics", "A treaty against litter.", "[OTHER] spoke.", '[SPEAKER] said \\"no\\".'):
        assert words in question["content"]


def test_examples_come_from_the_training_data_by_seed(server: ChatServer) -> None:
    X = [Encoded("t", "", f"statement {i}") for i in range(12)]
    y = ["for", "against", "neutral"] * 4
    groups = [f"g{i}" for i in range(12)]
    made = PromptedClassifier(server.url, "tested", examples=2, seed=1).fit(X, y, groups)
    messages = made._prompt.messages(CLAIM)
    assert [m["role"] for m in messages] == ["system", *["user", "assistant"] * 6, "user"]
    answers = [json.loads(m["content"])["stance"] for m in messages if m["role"] == "assistant"]
    assert sorted(answers) == ["against", "against", "for", "for", "neutral", "neutral"]
    again = PromptedClassifier(server.url, "tested", examples=2, seed=1).fit(X, y, groups)
    assert again._prompt == made._prompt
    assert PromptedClassifier(server.url, "tested", examples=2, seed=2).fit(X, y, groups)._prompt != made._prompt
    with pytest.raises(ModelError, match="5 examples of 'for', but the training data have 4"):
        PromptedClassifier(server.url, "tested", examples=5).fit(X, y, groups)


# How answers are read


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ('{"stance": "for"}', "for"),
        ('```json\n{"stance": "against"}\n```', "against"),
        ('Here it is: {"stance":"neutral"} as asked.', "neutral"),
        ('{"stance": "AGAINST", "why": "…', "against"),
        ("neutral", "neutral"),
        ("**For**.", "for"),
        ("The stance is **against** the target, not for it.", "against"),
        ("Stance: against", "against"),
        ("The stance is neutral.", "neutral"),
        ("It argues for caution.\n\nagainst", "against"),
        ("<think>Maybe **for**? No.</think>\nagainst", "against"),
        ("All in all: **neutral**.", "neutral"),
        ('{"stance": "for"}\n{"stance": "for"}', "for"),
    ],
)
def test_answers_that_can_be_read(text: str, stance: str) -> None:
    found = read_answer(text)
    assert found.stance == stance
    assert text[found.start :].lower().startswith(stance)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "empty"),
        ("  \n", "empty"),
        ('{"stance": "ag', "without end"),
        ("I cannot answer for this speaker.", "no label"),
        ("The speaker is for it and against it.", "no label"),
        ('{"stance": "sceptical"}', "no such label"),
        ('{"stance": "for"} or {"stance": "against"}', "more than one label"),
        ("for\nagainst", "more than one label"),
        ("Either: **for** or: **neutral**.", "more than one label"),
        ('The answer is one of {"stance": "for"}, {"stance": "aga', "without end"),
        ('It says {"stance": "for"}, but the stance is **against**.', "more than one label"),
        ("The speaker is not **against** the treaty.", "no label"),
        ("**For** now I cannot tell.", "no label"),
        ("<think>It must be for.", "ends in thought"),
    ],
)
def test_answers_that_cannot_be_read_are_not_guessed(text: str | None, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_answer(text)


@pytest.mark.parametrize(
    ("text", "stance"),
    [('{"stance": "for", "why": "bec', "for"), ("Options:\n* for\n* aga", None), ("The stance is **for**", None), ("for", None)],
)  # fmt: skip
def test_of_an_answer_that_was_cut_off_only_json_counts(text: str, stance: str | None) -> None:
    if stance:
        assert read_answer(text, cut=True).stance == stance
        return
    with pytest.raises(Unreadable, match="cut off"):
        read_answer(text, cut=True)


def tokens_of(label: str) -> list[dict[str, Any]]:
    """Return the tokens of an answer in which *for* has 0.6, *against* 0.3 and another word 0.1."""
    first = [{"token": '"for', "logprob": math.log(0.6)}, {"token": '"ag', "logprob": math.log(0.3)}, {"token": '"x', "logprob": math.log(0.1)}]  # fmt: skip
    return [{"token": '{"stance": ', "top_logprobs": []}, {"token": f'"{label}', "top_logprobs": first}, {"token": '"}', "top_logprobs": []}]  # fmt: skip


def test_probabilities_are_those_of_the_labels_first_token() -> None:
    answer = read_answer('{"stance": "for"}')
    text = '{"stance": "for"}'
    found = from_log_probabilities(answer, text, tokens_of("for"))
    assert found is not None
    np.testing.assert_allclose(found, [0.6 / 0.9, 0.3 / 0.9, 0.0])
    assert from_log_probabilities(answer, text, None) is None
    assert from_log_probabilities(Answer("for", 99), text, tokens_of("for")) is None
    # Tokens of something else, or without the label that was given, tell nothing.
    assert from_log_probabilities(answer, "Well: " + text, tokens_of("for")) is None
    assert from_log_probabilities(Answer("neutral", 12), text, tokens_of("for")) is None
    merged = [{"token": '{"stance": "', "top_logprobs": []}, {"token": 'for"}', "top_logprobs": [{"token": 'for"}', "logprob": math.log(0.95)}, {"token": "against", "logprob": math.log(0.05)}]}]  # fmt: skip
    whole = from_log_probabilities(answer, text, merged)
    assert whole is not None
    np.testing.assert_allclose(whole, [0.95, 0.05, 0.0])


def test_votes_are_counted_with_half_a_vote_for_each_label() -> None:
    found, agreement = from_votes(["for", "for", "neutral"])
    np.testing.assert_allclose(found, [2.5 / 4.5, 0.5 / 4.5, 1.5 / 4.5])
    assert agreement == pytest.approx(2 / 3)
    np.testing.assert_allclose(from_votes(["against"])[0], [0.2, 0.6, 0.2])


# Asking


def test_a_server_that_tells_probabilities_is_believed(server: ChatServer) -> None:
    server.logprobs = tokens_of
    found = asking(server).judge([CLAIM])[0]
    np.testing.assert_allclose(found.p, [0.6 / 0.9, 0.3 / 0.9, 0.0])
    assert server.bodies[0]["response_format"]["json_schema"]["schema"]["properties"]["stance"]["enum"] == ["for", "against", "neutral"]  # fmt: skip
    assert server.bodies[0]["temperature"] == 0


def test_a_server_that_knows_fewer_fields_is_asked_without_them(server: ChatServer) -> None:
    server.refused = {"response_format", "top_logprobs", "max_tokens"}
    made = asking(server, concurrency=1)
    assert [j.p[0] for j in made.judge([CLAIM, OTHER])] == pytest.approx([0.6, 0.2])
    last = server.bodies[-1]
    assert not {"response_format", "logprobs", "top_logprobs", "max_tokens"} & last.keys()
    assert last["max_completion_tokens"] == made.answer_tokens
    assert made.usage.requests == 2


def test_several_samples_vote(server: ChatServer) -> None:
    server.label = lambda body: "against" if body["seed"] == 14 else "for"
    made = asking(server, samples=4)
    found = made.judge([CLAIM])[0]
    assert (found.agreement, found.answers) == (0.75, 4)
    np.testing.assert_allclose(found.p, [3.5 / 5.5, 1.5 / 5.5, 0.5 / 5.5])
    assert {b["temperature"] for b in server.bodies} == {0.7}
    assert made.agreements[CLAIM] == 0.75


def test_equal_statements_are_asked_once(server: ChatServer) -> None:
    proba = asking(server).predict_proba([CLAIM, OTHER, CLAIM])
    assert len(server.bodies) == 2
    np.testing.assert_array_equal(proba[0], proba[2])


def test_an_answer_that_cannot_be_read_is_asked_for_again_and_then_given_up(server: ChatServer) -> None:
    server.fault = lambda body, turn: "no such label" if len(body["messages"]) == 2 else ""
    made = asking(server)
    assert made.predict([CLAIM]).tolist() == ["for"]
    assert [len(b["messages"]) for b in server.bodies] == [2, 4]
    assert made.usage.to_dict()["unreadable"] == 1
    server.fault = lambda body, turn: "no such label"
    lost = asking(server, cache=str(Path(os.environ["STANCE_CACHE"]) / "second"))
    proba = lost.predict_proba([OTHER])
    assert np.isnan(proba).all()
    assert "no such label" in lost.unanswered[OTHER]
    with pytest.raises(UnansweredError, match="1 of 1 statements have no label"):
        lost.predict([OTHER])
    with pytest.raises(UnansweredError):
        decide(proba, 0.5)


@pytest.mark.parametrize("fault", ["429", "500", "half body", "silence"])
def test_a_fault_on_the_way_is_asked_again(server: ChatServer, fault: str) -> None:
    server.fault = lambda body, turn: fault if turn == 0 else ""
    made = asking(server)
    assert made.predict([CLAIM]).tolist() == ["for"]
    assert len(server.bodies) == 2
    assert made.usage.to_dict() == {"requests": 1, "cached": 0, "unreadable": 0, "failed": 0, "uncounted": 0, "prompt_tokens": 100, "answer_tokens": 5, "money": None}  # fmt: skip


def test_a_server_that_never_answers_stops_the_work(server: ChatServer) -> None:
    server.fault = lambda body, turn: "500"
    X = [Encoded("t", "", f"new {i}") for i in range(40)]
    with pytest.raises(ModelError, match="requests had no answer: the server answers 500") as found:
        asking(server, retries=0).predict_proba(X)
    assert KEY not in str(found.value)
    assert len(server.bodies) < len(X)


def test_a_few_statements_may_be_beyond_a_server(server: ChatServer) -> None:
    hard = [Encoded("t", "", f"hard {i}") for i in range(20)]
    server.fault = lambda body, turn: "500" if "hard" in body["messages"][1]["content"] else ""
    first = asking(server, retries=0, concurrency=1).predict_proba([CLAIM, *hard])
    assert np.isnan(first).any(axis=1).tolist() == [False, *[True] * 20]
    # The same when the answers come from disk, and nothing new is answered.
    again = asking(server, retries=0).predict_proba([CLAIM, *hard])
    np.testing.assert_array_equal(again, first)


def test_a_second_run_labels_what_the_first_did(server: ChatServer) -> None:
    hard = [Encoded("t", "", f"hard {i}") for i in range(60)]
    server.fault = lambda body, turn: "500" if "hard" in body["messages"][1]["content"] else ""
    X = [CLAIM, OTHER, *hard]
    first = asking(server, retries=0, concurrency=1).predict_proba(X)
    np.testing.assert_array_equal(asking(server, retries=0).predict_proba(X), first)


@pytest.mark.parametrize("fault", ["400", "403"])
def test_a_flagged_statement_costs_itself_only(server: ChatServer, fault: str) -> None:
    flagged = [Encoded("t", "", f"flagged {i}") for i in range(12)]
    server.fault = lambda body, turn: fault if "flagged" in body["messages"][1]["content"] else ""
    proba = asking(server, concurrency=1).predict_proba([CLAIM, *flagged, OTHER])
    assert np.isnan(proba).any(axis=1).tolist() == [False, *[True] * 12, False]


@pytest.mark.parametrize("content", [["for"], {"stance": "for"}, 7], ids=["parts", "object", "number"])
def test_an_answer_of_another_kind_is_broken_and_not_kept(server: ChatServer, content: Any) -> None:
    server.change = lambda record: record["choices"][0]["message"].update(content=content)
    made = asking(server, retries=0)
    made.judge([CLAIM])
    assert made.unanswered == {CLAIM: "the server's answers are broken"}
    server.change = lambda record: None
    assert asking(server).predict([CLAIM]).tolist() == ["for"]


@pytest.mark.parametrize("logprob", [1000, float("inf"), "x", None])
def test_log_probabilities_that_are_none_are_broken(server: ChatServer, logprob: Any) -> None:
    def tell(label: str) -> list[dict[str, Any]]:
        found = tokens_of(label)
        found[1]["top_logprobs"][0]["logprob"] = logprob
        return found

    server.logprobs = tell
    made = asking(server, retries=0)
    assert np.isnan(made.predict_proba([CLAIM])).all()
    assert made.unanswered == {CLAIM: "the server's answers are broken"}


def test_statements_are_not_sent_on_to_another_server(server: ChatServer) -> None:
    other = ChatServer()
    try:
        server.elsewhere = other.url + "/chat/completions"
        server.fault = lambda body, turn: "elsewhere"
        with pytest.raises(ModelError, match="sends its visitors elsewhere; name the address itself"):
            asking(server).predict_proba([CLAIM])
        assert other.bodies == []
    finally:
        other.close()


def test_a_server_that_nobody_named_is_not_asked(server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    made = asking(server)
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "of somebody else"))
    with pytest.raises(ModelError, match="a server that was not named on this machine"):
        made.predict_proba([CLAIM])
    assert server.bodies == []
    monkeypatch.setenv("STANCE_SERVER", server.url)
    assert made.predict([CLAIM]).tolist() == ["for"]


def test_no_name_leaves_the_machine(server: ChatServer) -> None:
    asking(server).predict_proba([Encoded("The Russian draft convention", "[OTHER] and Peru spoke.", "Ghana agreed with [SPEAKER].", "Proposed by Cuba.")])  # fmt: skip
    asked = server.bodies[0]["messages"][1]["content"]
    assert find_names(asked) == []
    assert "[OTHER] draft convention" in asked
    with pytest.raises(ConfigError, match="encoding.mask: must be true for a prompted classifier"):
        load_config(ROOT / "configs" / "prompted.yaml", ["classifier.base_url=http://localhost/v1", "classifier.model=x", "encoding.mask=false"])  # fmt: skip


def test_no_server_at_all(server: ChatServer) -> None:
    made = asking(server, retries=0)
    server.close()
    with pytest.raises(ModelError, match="requests had no answer: the server cannot be reached"):
        made.predict_proba([Encoded("t", "", f"new {i}") for i in range(20)])


def test_a_part_without_answer_leaves_the_rest(server: ChatServer) -> None:
    server.fault = lambda body, turn: "500" if "laws" in body["messages"][1]["content"] else ""
    made = asking(server, retries=0)
    proba = made.predict_proba([CLAIM, OTHER])
    assert np.isnan(proba).any(axis=1).tolist() == [False, True]
    assert "500" in made.unanswered[OTHER]
    assert made.asked() == {"base_url": server.url, "model": "tested", **made.usage.to_dict()}


def test_the_members_of_an_ensemble_may_ask(server: ChatServer) -> None:
    server.fault = lambda body, turn: "500" if "laws" in body["messages"][1]["content"] else ""
    members = ({"kind": "majority"}, {"kind": "prompted", "base_url": server.url, "model": "tested", "retries": 0})
    made = EnsembleClassifier(members).fit([CLAIM, OTHER], ["for", "neutral"])
    assert made.remote
    assert np.isnan(made.predict_proba([CLAIM, OTHER])).any(axis=1).tolist() == [False, True]
    assert list(made.unanswered) == [OTHER]
    assert made.cost([CLAIM, OTHER, CLAIM]).questions == 1  # one is answered


# Answers on disk


def test_answers_are_kept_and_not_asked_for_again(server: ChatServer) -> None:
    first = asking(server).predict_proba([CLAIM, OTHER])
    second = asking(server)
    np.testing.assert_array_equal(second.predict_proba([CLAIM, OTHER]), first)
    assert len(server.bodies) == 2
    assert second.usage.to_dict()["cached"] == 2
    asking(server, temperature=0.5).predict_proba([CLAIM])
    assert len(server.bodies) == 3, "another question is another answer"


def test_a_file_that_keeps_no_answers_is_named(tmp_path: Path, server: ChatServer) -> None:
    path = tmp_path / "answers"
    path.write_bytes(b"something else, longer than the head of a database" * 4)
    with pytest.raises(ModelError, match=rf"{path}: cannot be used to keep answers"):
        AnswerCache(path)
    with pytest.raises(ModelError, match="cannot be used to keep answers"):
        asking(server, cache=str(tmp_path)).predict_proba([CLAIM])


def test_the_costs_are_known_before(server: ChatServer) -> None:
    made = asking(server, samples=2, prices=(2.0, 10.0), answer_tokens=20, attempts=1)
    cost = made.cost([CLAIM, OTHER, CLAIM])
    assert server.bodies == []
    assert (cost.statements, cost.questions, cost.requests, cost.cached, cost.answer_tokens) == (2, 4, 4, 0, 80)
    words = sum(len(m["content"].split()) for x in (CLAIM, OTHER) for m in made._prompt.messages(x))
    assert words < cost.prompt_tokens / 2 < 2 * words
    assert cost.money == pytest.approx((cost.prompt_tokens * 2 + 80 * 10) / 1e6)
    made.predict_proba([CLAIM])
    assert made.cost([CLAIM, OTHER]).requests == 2
    assert made.usage.to_dict((2.0, 10.0))["money"] == pytest.approx((200 * 2 + 10 * 10) / 1e6)
    assert "asks nobody" in str(Cost(3))
    assert (Cost(1, 1, 1, money=2.0) + Cost(1, 1, 1)).money is None, "one of them has no price"


def test_the_costs_are_a_bound_also_where_answers_cannot_be_read(server: ChatServer) -> None:
    server.fault = lambda body, turn: "no such label"
    made = asking(server, attempts=3, answer_tokens=20)
    cost = made.cost([CLAIM, OTHER])
    assert (cost.questions, cost.requests) == (2, 6)
    made.judge([CLAIM, OTHER])
    assert len(server.bodies) == 6
    assert made.cost([CLAIM, OTHER]).requests == 0
    assert asking(server, attempts=5, answer_tokens=20).cost([CLAIM, OTHER]).requests == 4


def test_a_server_that_does_not_count_has_no_known_price(server: ChatServer) -> None:
    server.change = lambda record: record.pop("usage")
    made = asking(server, prices=(1.0, 1.0))
    made.predict_proba([CLAIM])
    assert made.usage.to_dict(made.prices)["uncounted"] == 1
    assert made.usage.to_dict(made.prices)["money"] is None


# From the command line


def test_nothing_is_asked_of_anybody_unless_the_user_names_them(run: Callable[..., Ran]) -> None:
    done = run("train", ROOT / "configs" / "prompted.yaml", "--out", "never")
    assert done.code == 2
    assert "classifier.base_url: missing" in done.err
    assert PromptedClassifier().base_url == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:abc/v1",
        "http://exa mple.com/v1",
        "http://localhost:99999/v1",
        "ftp://x/v1",
        "localhost:8000",
        "http://me:secret@host/v1",
        "https://host/v1?key=secret",
        "https://",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="classifier.base_url: .*must") as found:
        load_config(ROOT / "configs" / "prompted.yaml", [f"classifier.base_url={url}", "classifier.model=x"])
    assert "secret" not in str(found.value)


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "sk-proj-abcdef", "AIzaSyAbcdef"])
def test_no_other_secret_is_taken_for_the_key(name: str, server: ChatServer, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="key_variable") as found:
        load_config(ROOT / "configs" / "prompted.yaml", ["classifier.base_url=http://localhost/v1", "classifier.model=x", f"classifier.key_variable={name}"])  # fmt: skip
    assert name not in str(found.value)
    folder = tmp_path / "model"
    folder.mkdir()
    asking(server).save(folder)
    record = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
    record["params"]["key_variable"] = name
    (folder / "classifier.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(ModelError, match="the model cannot be read"):
        PromptedClassifier.load(folder)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_a_third_of_faults_loses_no_statement_unnamed(run: Callable[..., Ran], tmp_path: Path) -> None:
    server = ChatServer(fault=some_faults(0.3))
    try:
        model = model_folder(run, server, tmp_path / "model")
        done = run("label", DEBATE, "--model", model, "--out", tmp_path / "out")
        record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
        whole = attribute(read_document(DEBATE)).statements
        labelled = rows(tmp_path / "out" / "statements.csv")
        named = {(f["sentence"], f["speaker"]) for f in record["failures"]}
        found = {(int(r["sentence"]), r["speaker"]) for r in labelled}
        assert found | named == {(s.sentence, s.speaker) for s in whole}
        assert len(labelled) + len(record["failures"]) == len(whole)
        assert len(labelled) > 0.9 * len(whole)
        assert done.code == (1 if named else 0)
        assert record["asked"]["unreadable"] > 0
        assert sum(server.answered.values()) == record["asked"]["requests"]
        # A delegation of whom a statement has no label has no position.
        stands = {r["speaker"] for r in rows(tmp_path / "out" / "positions.csv")}
        assert not stands & {speaker for _, speaker in named}
        # What was answered, readably or not, is not asked for again, and the results are the same.
        server.answered.clear()
        again = run("label", DEBATE, "--model", model, "--out", tmp_path / "again")
        assert again.code == done.code
        assert not server.answered
        for name in ("statements.csv", "positions.csv"):
            assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    finally:
        server.close()


def test_statements_without_a_label_are_named_and_their_speakers_get_no_position(
    run: Callable[..., Ran], tmp_path: Path, server: ChatServer
) -> None:
    model = model_folder(run, server, tmp_path / "model")
    text = tmp_path / "day.txt"
    text.write_text(
        "The representative of Peru called for a new convention. The representative of Ghana described its laws. "
        "He said that courts were slow. The representative of Chad thanked the Chair.\n",
        encoding="utf-8",
    )
    server.fault = lambda body, turn: "refusal" if "courts" in body["messages"][1]["content"].split("Statement of")[-1] else ""  # fmt: skip
    done = run("label", text, "--model", model, "--out", tmp_path / "out")
    assert done.code == 1
    assert "sentence 3 (GHA): no label, and no position of GHA: the model refuses" in done.err
    assert "3 statements, 2 positions" in done.out
    assert "1 statements have no label" in done.out
    assert [r["speaker"] for r in rows(tmp_path / "out" / "statements.csv")] == ["PER", "GHA", "TCD"]
    assert {r["speaker"]: r["position"] for r in rows(tmp_path / "out" / "positions.csv")} == {"PER": "for", "TCD": "neutral"}  # fmt: skip
    assert "the model refuses" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_killed_run_asks_nothing_twice_and_gives_the_same(run: Callable[..., Ran], tmp_path: Path) -> None:
    server = ChatServer()
    try:
        model = model_folder(run, server, tmp_path / "model", "timeout=60")
        whole = run("label", DEBATE, "--model", model, "--out", tmp_path / "whole")
        assert whole.code == 0
        server.answered.clear()
        cache = tmp_path / "second"
        environment = {**os.environ, "STANCE_CACHE": str(cache), "STANCE_SERVER": server.url, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "stance", "label", DEBATE, "--model", model, "--out", tmp_path / "out"]
        server.hold_after = 20
        killed = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while kept(cache / "answers.sqlite") < 20:
            assert time.monotonic() < deadline and killed.poll() is None
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        server.release()
        # Those that were held back go to nobody now; what was answered before is on disk.
        time.sleep(0.3)
        answered = sum(server.answered.values())
        held = answered - 20
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        asked = sum(server.answered.values()) - answered
        assert asked == len(server.answered) - 20
        assert sum(n > 1 for n in server.answered.values()) == held
        for name in ("statements.csv", "positions.csv"):
            assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    finally:
        server.close()


def kept(path: Path) -> int:
    """Return how many answers a file holds, as long as it can be read."""
    import sqlite3

    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
            return int(store.execute("select count(*) from answers").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_the_key_is_in_no_file_log_or_message(
    run: Callable[..., Ran], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = ChatServer(fault=lambda body, turn: "500" if "laws" in body["messages"][1]["content"] else "")
    try:
        said = []
        model = model_folder(run, server, tmp_path / "model", "retries=0")
        for command in (
            ["label", DEBATE, "--model", model, "--out", tmp_path / "out", "--verbose"],
            ["label", DEBATE, "--model", model, "--out", tmp_path / "dry", "--dry-run"],
            ["evaluate", model, GOLD, "--out", tmp_path / "scores"],
            ["annotate", "label", GOLD, "--model", model, "--out", tmp_path / "labels.jsonl"],
        ):
            done = run(*command)
            said += [done.out, done.err]
        # The server repeats the key in its errors.
        assert any("(key)" in words for words in said)
        assert server.keys == {f"Bearer {KEY}"}
        assert KEY not in "".join(said) + caplog.text
        files = [p for p in tmp_path.rglob("*") if p.is_file()]
        assert {"answers.sqlite", "run.json", "metrics.json", "labels.jsonl"} <= {p.name for p in files}
        assert [p for p in files if KEY.encode() in p.read_bytes()] == []
    finally:
        server.close()


def test_a_key_in_what_a_server_says_is_nowhere(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # At the place where a long message is cut, and in an answer itself.
    def refuse(handler: Any) -> None:
        handler.rfile.read(int(handler.headers["content-length"]))
        server._send(handler, 400, {"error": {"message": "x" * 190 + handler.headers["authorization"]}})

    whole = server.answer
    monkeypatch.setattr(server, "answer", refuse)
    made = asking(server)
    made.judge([CLAIM])
    monkeypatch.setattr(server, "answer", whole)
    server.change = lambda record: record["choices"][0]["message"].update(content=f"bad key {KEY}")
    made.judge([OTHER])
    assert len(made.unanswered) == 2
    told = str(made.unanswered) + "".join(p.read_bytes().decode("latin-1") for p in Path(os.environ["STANCE_CACHE"]).iterdir())  # fmt: skip
    assert "sk-s" not in told


@pytest.mark.parametrize("key", ["sk-two words", "sk-\n2", "sk-é"])
def test_a_key_that_is_none_is_not_told(server: ChatServer, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("STANCE_API_KEY", key)
    with pytest.raises(ModelError, match="STANCE_API_KEY holds no key") as found:
        asking(server).predict_proba([CLAIM])
    assert "sk-" not in str(found.value)


def test_a_refused_key_is_told_at_once(run: Callable[..., Ran], tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    def refuse(handler: Any) -> None:
        server.bodies.append({})
        handler.rfile.read(int(handler.headers["content-length"]))
        server._send(handler, 401, {"error": {"message": f"bad key {handler.headers['authorization']}"}})

    model = model_folder(run, server, tmp_path / "model")
    monkeypatch.setattr(server, "answer", refuse)
    done = run("label", DEBATE, "--model", model, "--out", tmp_path / "out")
    assert done.code == 2
    assert "the key is refused (401): bad key Bearer (key)" in done.err
    assert len(server.bodies) <= 16
    assert not (tmp_path / "out" / "statements.csv").exists()
    monkeypatch.delenv("STANCE_API_KEY")
    assert "no key is set (environment variable STANCE_API_KEY)" in run("label", DEBATE, "--model", model, "--out", tmp_path / "out").err  # fmt: skip


def test_accounts_of_another_provider_are_not_sent_along(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-another")
    monkeypatch.delenv("STANCE_API_KEY")
    whole = server.answer

    def answer(handler: Any) -> None:
        seen.append(dict(handler.headers))
        whole(handler)

    monkeypatch.setattr(server, "answer", answer)
    asking(server).predict_proba([CLAIM])
    assert seen and "another" not in json.dumps(seen)
    assert not [name for name in seen[0] if name.lower().startswith("x-stainless")]


def test_a_dry_run_sends_and_writes_nothing(run: Callable[..., Ran], tmp_path: Path, server: ChatServer) -> None:
    model = model_folder(run, server, tmp_path / "model", "prices=[3.0, 15.0]")
    done = run("--json", "label", DEBATE, "--model", model, "--out", tmp_path / "out", "--dry-run")
    found = json.loads(done.out)
    assert done.code == 0 and server.bodies == [] and not (tmp_path / "out").exists()
    attribution = attribute(read_document(DEBATE))
    distinct = len(set(encode_attribution(attribution, attribution.statements, load_target("cybercrime-convention"), EncodingOptions(context=2))))  # fmt: skip
    assert found["questions"] == found["statements"] == distinct
    assert found["money"] == pytest.approx((3 * found["prompt_tokens"] + 15 * found["answer_tokens"]) / 1e6)
    scored = run("--json", "evaluate", model, GOLD, "--dry-run")
    assert json.loads(scored.out)["questions"] == len(set(encode_annotations(read_annotations(GOLD, offsets=False), EncodingOptions(context=2), meetings=[DEBATE.parent])))  # fmt: skip
    labels = run("annotate", "label", GOLD, "--model", model, "--out", tmp_path / "l.jsonl", "--dry-run")
    assert "nothing was sent or written" in labels.out
    assert server.bodies == [] and not (tmp_path / "l.jsonl").exists()


def test_a_model_that_asks_nobody_costs_nothing(run: Callable[..., Ran], tmp_path: Path, tiny_model: Path) -> None:
    done = run("label", DEBATE, "--model", tiny_model, "--out", tmp_path / "out", "--dry-run")
    assert done.code == 0 and "asks nobody" in done.out


def test_scores_leave_out_what_has_no_label(run: Callable[..., Ran], tmp_path: Path, server: ChatServer) -> None:
    server.fault = lambda body, turn: "refusal" if "laws" in body["messages"][1]["content"] else ""
    model = model_folder(run, server, tmp_path / "model")
    planned = run("--json", "evaluate", model, GOLD, "--end-to-end", "--dry-run")
    done = run("--json", "evaluate", model, GOLD, "--against", model, "--end-to-end")
    metrics = json.loads(done.out)
    lost = metrics["unanswered"]
    assert done.code == 1
    first = [b for b in server.bodies if len(b["messages"]) == 2]
    assert json.loads(planned.out)["questions"] == len({json.dumps(b["messages"]) for b in first})
    # What has no label is missed end to end, and whose statement it was has no position; the others stand where they stood.
    assert metrics["end_to_end"]["n"] == 46
    assert metrics["end_to_end"]["outcomes"]["missed"] > 0
    assert metrics["withheld"] > 0
    assert metrics["positions"]["n"] + metrics["withheld"] == 41
    assert metrics["positions"]["gold"] != []
    assert lost > 0 and metrics["statements"]["n"] == 68 - lost == metrics["comparison"]["n"]
    assert f"{lost} statements have no label and are not scored" in done.err
    assert metrics["asked"]["model"] == "tested"


def test_a_model_annotates_beside_people(run: Callable[..., Ran], tmp_path: Path, server: ChatServer) -> None:
    server.fault = lambda body, turn: "refusal" if "laws" in body["messages"][1]["content"] else ""
    model = model_folder(run, server, tmp_path / "model")
    out = tmp_path / "labels.jsonl"
    done = run("annotate", "label", GOLD, "--model", model, "--out", out)
    gold = {a.id: a for a in read_annotations(GOLD, offsets=False)}
    found = read_annotations(out, meetings=[DEBATE.parent])
    lost = len(gold) - len(found)
    assert done.code == 1 and done.err.count("no label: the model refuses") == lost > 0
    assert {a.annotator for a in found} == {"tested"}
    assert all((a.origin, a.text, a.start) == (gold[a.id].origin, gold[a.id].text, gold[a.id].start) for a in found)
    assert {a.stance for a in found} == {"for", "neutral"}
    compared = run("--json", "annotate", "compare", GOLD, out, "--meetings", DEBATE.parent)
    assert json.loads(compared.out)["n"] == len(found)
    beside = run("--json", "annotate", "compare", GOLD, "--model", model, "--meetings", DEBATE.parent)
    assert json.loads(beside.out)["alpha"] == json.loads(compared.out)["alpha"]
    refused = run("annotate", "label", GOLD, "--model", model, "--out", out)
    assert refused.code == 2 and "exists" in refused.err


def test_exported_items_can_be_labelled(run: Callable[..., Ran], tmp_path: Path, tiny_model: Path, server: ChatServer) -> None:  # fmt: skip
    items = tmp_path / "items.jsonl"
    run("annotate", "export", DEBATE, "--model", tiny_model, "--format", "jsonl", "--limit", 5, "--out", items)
    model = model_folder(run, server, tmp_path / "model")
    done = run("annotate", "label", items, "--model", model, "--out", tmp_path / "labels.jsonl")
    assert done.code == 0, done.err
    found = read_annotations(tmp_path / "labels.jsonl", meetings=[DEBATE.parent])
    assert len(found) == 5 and {(a.annotator, a.origin) for a in found} == {("tested", "meeting")}


def test_what_prompts_show_is_not_scored(run: Callable[..., Ran], tmp_path: Path, server: ChatServer) -> None:
    fields = [f"classifier.base_url={server.url}", "classifier.model=tested", "classifier.examples=1", f"data.train=[{GOLD}]"]  # fmt: skip
    sets = [x for f in fields for x in ("--set", f)]
    config = ROOT / "configs" / "prompted.yaml"
    assert run("train", config, *sets, "--out", tmp_path / "model").code == 0
    for command in (
        ["evaluate", tmp_path / "model", GOLD],
        ["annotate", "label", GOLD, "--model", tmp_path / "model", "--out", tmp_path / "l.jsonl"],
        ["annotate", "compare", GOLD, "--model", tmp_path / "model"],
    ):
        done = run(*command)
        assert done.code == 2 and "its prompts show statements of SOC_CP_365" in done.err
    shown = PromptedClassifier(server.url, "tested", examples=1).fit(
        [CLAIM] * 3, ["for", "against", "neutral"], ["g"] * 3
    )
    whole = EnsembleClassifier(({"kind": "majority"}, {"kind": "prompted", "base_url": server.url, "model": "tested", "examples": 1})).fit([CLAIM] * 3, ["for", "against", "neutral"], ["g"] * 3)  # fmt: skip
    assert whole.groups_shown() == shown.groups_shown() == {"g"}
    done = run("train", config, *sets, "--set", "evaluation.scheme=leave-one-delegation-out", "--out", tmp_path / "m")
    assert done.code == 2 and "would take the examples of prompts from the documents under test" in done.err
    assert server.bodies == []


def test_the_model_folder_is_all_that_a_prompt_needs(run: Callable[..., Ran], tmp_path: Path, server: ChatServer) -> None:  # fmt: skip
    codebook = tmp_path / "mine.md"
    codebook.write_text("MY CODEBOOK", encoding="utf-8")
    folder = model_folder(run, server, tmp_path / "model", f"codebook={codebook}")
    codebook.unlink()
    Classifier.load(folder).predict_proba([CLAIM])
    assert "MY CODEBOOK" in server.bodies[0]["messages"][0]["content"]
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "Nothing was trained" in card and server.url in card


def test_prompted_models_do_not_travel_by_the_hub(run: Callable[..., Ran], tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    folder = model_folder(run, server, tmp_path / "model")
    with pytest.raises(ModelError, match="not pushed: a prompted model is a configuration"):
        Classifier.load(folder).push_to_hub("me/mine")
    monkeypatch.setattr(Classifier, "_download", staticmethod(lambda *args: folder))
    with pytest.raises(ModelError, match="sends statements to a server; not used"):
        Classifier.load("somebody/else")


@pytest.mark.parametrize(("option", "why"), [("--explain", "about every word"), ("--engine=ray", "nothing from a cluster")])  # fmt: skip
def test_what_a_model_that_asks_is_not_for(run: Callable[..., Ran], tmp_path: Path, server: ChatServer, option: str, why: str) -> None:  # fmt: skip
    if "ray" in option:
        pytest.importorskip("ray")
    model = model_folder(run, server, tmp_path / "model")
    done = run("label", DEBATE, "--model", model, "--out", tmp_path / "out", option)
    assert done.code == 2 and why in done.err
    assert server.bodies == []
