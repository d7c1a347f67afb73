# Makes the virtual environment .venv with the tested versions; sourced by quickstart.sh and test.sh.
# Safe to run again: it installs only when pyproject.toml or constraints.txt have changed since.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python="${PYTHON:-python3}"
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Python 3.11 or newer is needed; name it with PYTHON=/path/to/python" >&2
  exit 2
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv

stamp=".venv/.installed-$(cat pyproject.toml constraints.txt | sha256sum | cut -c1-16)"
if [ ! -e "$stamp" ]; then
  echo "Installing the package and what it needs into .venv (a few minutes the first time) …"
  # Compiled afterwards, by all processors.
  install=(.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt)
  # torch first and by its exact version: an open requirement would bring another build and gigabytes of it.
  "${install[@]}" torch==2.13.0
  "${install[@]}" -e ".[dev,notebooks]"
  # Some files of packages are written for other versions of Python and cannot be compiled.
  .venv/bin/python -m compileall -q -j 0 -x '/tests/' "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" >/dev/null 2>&1 || true
  rm -f .venv/.installed-*
  touch "$stamp"
fi
