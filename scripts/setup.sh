#!/bin/sh
# Makes .venv with the locked requirements. Does nothing when it is already as the lock says.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "affido: $1" >&2
    exit 1
}

# A name on PATH proves nothing (version managers put failing shims there): ask the interpreter.
fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        fits "$PYTHON" || fail "PYTHON=$PYTHON is not a working Python 3.12 or newer."
        echo "$PYTHON"
        return
    fi
    for candidate in python3.13 python3.12 python3.14 python3 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12*/bin/python; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.12 or newer is needed and none was found; install it, or name one: make setup PYTHON=/path/to/python"
}

compile_catalogues() {
    [ -d locale ] || return 0
    for source in locale/*/LC_MESSAGES/*.po; do
        [ -e "$source" ] || return 0
        compiled="${source%.po}.mo"
        if [ ! -e "$compiled" ] || [ "$source" -nt "$compiled" ]; then
            .venv/bin/python -m babel.messages.frontend --quiet compile -i "$source" -o "$compiled"
        fi
    done
}

stamp_file=.venv/affido-stamp
# The path belongs to the stamp because a virtual environment can't be moved.
wanted="$(cat requirements-dev.txt scripts/setup.sh | cksum) $PWD"

if [ ! -e "$stamp_file" ] || [ "$(cat "$stamp_file")" != "$wanted" ] || ! fits .venv/bin/python; then
    # An environment made elsewhere, by an older interpreter or half made is made anew.
    if [ ! -e "$stamp_file" ] || [ "$(cut -d' ' -f3- "$stamp_file")" != "$PWD" ] || ! fits .venv/bin/python; then
        python="$(find_python)"
        "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
            fail "$python has no venv module; install it (Debian, Ubuntu: apt install python3-venv) and run this again."
        echo "Making .venv with $("$python" --version) and installing the requirements; this takes about a minute."
        rm -rf .venv
        "$python" -m venv .venv
    else
        echo "The requirements changed: installing them."
    fi
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt ||
        fail "the requirements could not be installed; the lines above say why."
    .venv/bin/python -c 'import weasyprint' >/dev/null 2>&1 ||
        echo "affido: PDFs need the Pango library, which is missing; install it (Debian, Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango). All else works." >&2
    echo "$wanted" >"$stamp_file"
fi
compile_catalogues
