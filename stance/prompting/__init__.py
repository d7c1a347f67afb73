"""Asking a language model for the stance: what it is asked, how its answers are read, kept and paid for.

The classifier itself is :class:`stance.classifiers.prompted.PromptedClassifier`; here is what it is made of. Nothing here
has an endpoint of its own: an address comes from the user's configuration or not at all.
"""

from stance.prompting.answers import Answer, Unreadable, read_answer
from stance.prompting.asking import Asker, Reply
from stance.prompting.cache import AnswerCache
from stance.prompting.costs import Cost, Usage
from stance.prompting.prompt import Example, Prompt

__all__ = ["Answer", "AnswerCache", "Asker", "Cost", "Example", "Prompt", "Reply", "Unreadable", "Usage", "read_answer"]
