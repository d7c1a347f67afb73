"""Settings of the documentation: ``bash scripts/docs.sh`` builds it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from stance import __version__

project = "stance"
author = "The stance authors"
copyright = "The stance authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"stance {version}"
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    # scikit-learn makes these for every estimator.
    "exclude-members": "set_fit_request, set_score_request",
}
# Two classes may have an attribute of one name.
suppress_warnings = ["ref.python"]
