# shellcheck shell=bash
# What every script needs: where things are, words for people, packages, the portal, PostgreSQL.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
profile=${PROFILE:-dev}
# cargo calls the folder of the dev profile "debug".
# shellcheck disable=SC2034 # used by the scripts that source this
if [ "$profile" = dev ]; then built=$target/debug; else built=$target/$profile; fi
cd "$root" || exit

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }

fail() {
    printf 'telerad: %s\n' "$*" >&2
    exit 1
}

# Installs the Debian packages that are missing.
need_packages() {
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null ||
        fail "needs ${missing[*]} (names of Debian 12); install them and try again"
    say "installing ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            fail "needs ${missing[*]}; as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        fail "apt-get could not install ${missing[*]}"
}

# What compiling takes: C and C++ for SQLite, TLS and two codecs, and OpenJPH.
need_compilers() {
    command -v cargo >/dev/null || fail "needs Rust: https://rustup.rs (rust-toolchain.toml names the version)"
    need_packages gcc g++ libc6-dev make cmake pkg-config libopenjph-dev
}

# What reports are printed with when their words are not Latin, Greek or Cyrillic: all scripts, under the OFL.
need_fonts() {
    need_packages fonts-noto-core fonts-noto-cjk
}

# Everything, as the tests need it. Always the same selection: another one has other features, and features
# are what decides whether a dependency is built once or twice.
build_for_tests() {
    say "building (the first time takes minutes)"
    cargo build --quiet --workspace --all-targets
}

# The portal's packages, as package-lock.json names them.
need_node_modules() {
    command -v npm >/dev/null || fail "needs Node.js 20 or newer with npm"
    local stamp=web/node_modules/.package-lock.json
    if [ ! -e "$stamp" ] || [ web/package-lock.json -nt "$stamp" ]; then
        say "installing the portal's packages"
        npm --prefix web ci --no-audit --no-fund --loglevel=error
        touch "$stamp"
    fi
}

# The portal, built when a source is newer than the build.
build_portal() {
    need_node_modules
    if [ -e web/dist/index.html ] &&
        [ -z "$(find web/src web/public web/index.html web/package-lock.json web/vite.config.ts -newer web/dist/index.html -print -quit)" ]; then
        return 0
    fi
    say "building the portal"
    npm --prefix web run --silent build
}

# Python packages of clients and sample files that nobody here wrote. Sets venv. They stay between runs; the
# requirements name their versions.
need_python_packages() {
    need_packages python3 python3-venv
    local requirements=tests/outside/requirements.txt
    venv=$target/outside-venv
    [ ! -e "$venv/requirements.txt" ] || ! cmp -s "$requirements" "$venv/requirements.txt" || return 0
    say "installing the outside clients"
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$venv/requirements.txt"
}

# Real DICOM files: those that pydicom brings, unless TELERAD_TEST_CORPUS names a folder or one lies at hand.
need_corpus() {
    local at_hand=$root/../shared/corpus
    if [ -z "${TELERAD_TEST_CORPUS:-}" ] && [ -d "$at_hand" ]; then
        TELERAD_TEST_CORPUS=$at_hand
    elif [ -z "${TELERAD_TEST_CORPUS:-}" ]; then
        need_python_packages
        TELERAD_TEST_CORPUS=$target/corpus
        # Among them are broken ones: the tests hold this folder to less than one of good files.
        mkdir -p "$TELERAD_TEST_CORPUS"
        ln -sfn "$(pydicom_files)" "$TELERAD_TEST_CORPUS/samples"
    fi
    export TELERAD_TEST_CORPUS
}

# The folder of pydicom's sample files.
pydicom_files() {
    "$venv/bin/python" -c 'import pydicom.data; print(pydicom.data.DATA_ROOT)' | sed 's|$|/test_files|'
}

# A PostgreSQL of our own in $1, listening on a socket there and on a free port of 127.0.0.1, with an
# owner's role and the program's plain one. Sets and exports TELERAD_TEST_PG_URL and _OWNER_URL.
start_postgres() {
    local folder=$1 bin port
    need_packages postgresql
    bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -1)
    [ -n "$bin" ] || fail "PostgreSQL is installed but its programs are not below /usr/lib/postgresql"
    port=$(free_port)
    mkdir -p "$folder"
    as_postgres=()
    if [ "$(id -u)" -eq 0 ]; then
        # The server refuses to run as root; the package brought a user for it.
        as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups env HOME="$folder")
        chown postgres "$folder"
    fi
    postgres_bin=$bin
    postgres_folder=$folder
    "${as_postgres[@]}" "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 \
        --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; fail "initdb failed"; }
    # Durability is not what these tests are about; every database is thrown away.
    "${as_postgres[@]}" "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/server.log" --wait --silent start \
        --options="-p $port -k $folder -c listen_addresses=127.0.0.1 -c max_connections=400 -c fsync=off" \
        >/dev/null || { cat "$folder/server.log" >&2; fail "PostgreSQL did not start"; }
    "$bin/psql" --host=127.0.0.1 --port="$port" --username=postgres --quiet --set=ON_ERROR_STOP=1 <<'SQL'
CREATE ROLE telerad_owner LOGIN NOSUPERUSER CREATEDB NOBYPASSRLS;
CREATE ROLE telerad LOGIN NOSUPERUSER NOCREATEDB NOBYPASSRLS;
CREATE DATABASE telerad_owner OWNER telerad_owner;
SQL
    export TELERAD_TEST_PG_OWNER_URL="postgres://telerad_owner@127.0.0.1:$port/telerad_owner"
    export TELERAD_TEST_PG_URL="postgres://telerad@127.0.0.1:$port/telerad_owner"
}

stop_postgres() {
    [ -n "${postgres_folder:-}" ] || return 0
    "${as_postgres[@]}" "$postgres_bin/pg_ctl" --pgdata="$postgres_folder/data" --mode=immediate --silent stop || true
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
