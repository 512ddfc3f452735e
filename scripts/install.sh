#!/usr/bin/env bash
# Installs Ariane from an offline bundle, without any network. scripts/make_bundle.py fills in the
# names between @ signs and puts this file into the bundle; it is not run from the repository.
set -euo pipefail

usage="Usage: ./install.sh FOLDER [PYTHON]    FOLDER must not exist; PYTHON is a Python @PYTHON@"
fail() {
  echo "$1" >&2
  exit 2
}

[[ $# -eq 1 || $# -eq 2 ]] || fail "$usage"
target=$1
python=${2:-python@PYTHON@}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[[ ! -e $target ]] || fail "$target: exists already. Name a folder that does not exist."
[[ "$(uname -s) $(uname -m)" == "@MACHINE@" ]] ||
  fail "This bundle is for @MACHINE@, this machine is $(uname -s) $(uname -m). Make another bundle on such a machine."
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
  fail "$python: no such Python. Name a Python @PYTHON@: ./install.sh FOLDER PYTHON"
[[ $found == "@PYTHON@" ]] ||
  fail "$python is Python $found, the wheels are for @PYTHON@. Name a Python @PYTHON@: ./install.sh FOLDER PYTHON"

echo "Comparing the checksums of the bundle."
(cd "$here" && sha256sum --check --quiet --strict SHA256SUMS) ||
  fail "$here: the bundle is damaged. Copy it again."

undo() {
  rm -rf "$target"
  echo "Nothing was installed." >&2
}
trap undo ERR INT TERM
mkdir -p "$target"
tar -xf "$here/repository.tar" -C "$target"
echo "Installing into $target/.venv."
"$python" -m venv "$target/.venv"
pip=("$target/.venv/bin/python" -m pip --quiet --disable-pip-version-check --no-input install --no-index)
"${pip[@]}" --require-hashes --no-deps --find-links "$here/wheels" -r "$here/requirements.offline.txt"
"${pip[@]}" --no-deps --no-build-isolation -e "$target"
if [[ -d $here/releases ]]; then
  cp -R "$here/releases" "$target/releases"
fi
touch "$target/.venv/.ready" # so that make does not install again from an index
trap - ERR INT TERM
echo "Ariane is installed in $target. Next: cd $target && source .venv/bin/activate"
