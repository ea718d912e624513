#!/usr/bin/env bash
# Looks for what a verb of the Makefile needs and gets what is missing; silent when nothing is.
#
#   scripts/setup.sh build    a C compiler, git, Rust, Node
#   scripts/setup.sh test     the same, and PostgreSQL, Chromium and a font with Chinese letters
#
# A toolchain that is good enough is never touched. Debian packages come from apt (root or sudo). Rust and Node, where
# they are missing or too old, come from their official installers, after asking; QUELL_YES=1 or CI=true answers yes.
# What was chosen is written to .tools/env, which the Makefile reads; Node, if fetched, lives in .tools/node.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the build needs is said once, where the tools themselves read it.
RUST_NEEDED=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
NODE_NEEDED=$(sed -n 's/.*"node": *">=\([0-9.]*\)".*/\1/p' web/package.json)
# The newest line with long-term support when this was written.
NODE_LINE=v22
# The oldest PostgreSQL the store is tested on.
POSTGRES_NEEDED=15

TOOLS=$PWD/.tools
ENV_LINES=()

say() { printf 'setup: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# at_least WANTED FOUND: is FOUND the same version or a newer one?
at_least() { [ -n "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

ask() {
    if [ "${QUELL_YES:-}" = 1 ] || [ "${CI:-}" = true ]; then
        say "$1 Yes (QUELL_YES or CI is set)."
        return 0
    fi
    [ -t 0 ] || stop "$1 Nobody is here to ask: install it yourself, or set QUELL_YES=1."
    local answer
    read -r -p "setup: $1 [y/N] " answer
    case $answer in y | Y | yes | Yes) ;; *) stop "nothing was changed" ;; esac
}

# ---- Debian packages -------------------------------------------------------------------------------------------------

LISTS_FRESH=no

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif has sudo; then sudo "$@"
    else stop "this needs root: $*"
    fi
}

fresh_lists() {
    [ "$LISTS_FRESH" = no ] || return 0
    as_root apt-get update -qq || say "the package lists could not all be fetched; going on with those that are here"
    LISTS_FRESH=yes
}

# apt_install WHY PACKAGE...
apt_install() {
    local why=$1
    shift
    has apt-get || stop "missing: $* ($why). This is no Debian or Ubuntu; install it with your own package manager."
    say "installing $* with apt: $why"
    fresh_lists
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        stop "apt could not install $*; install it by hand and start again"
}

fetcher() {
    has curl && [ -e /etc/ssl/certs/ca-certificates.crt ] ||
        apt_install "to fetch an official installer over HTTPS" curl ca-certificates
}

need_compiler() {
    has cc && [ -e /usr/include/stdio.h ] ||
        apt_install "SQLite and the hash functions are compiled from C" gcc libc6-dev
    has git || apt_install "to know which version is being built" git
}

# ---- Rust ------------------------------------------------------------------------------------------------------------

rust_found() { rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p'; }

# rustup keeps to the channel that rust-toolchain.toml pins, and would fetch it. A newer toolchain that is already here
# serves as well, and needs no network: it is named in RUSTUP_TOOLCHAIN.
newer_toolchain_of_rustup() {
    local name
    for name in $(rustup toolchain list 2>/dev/null | awk '{print $1}'); do
        case $name in nightly* | beta*) continue ;; esac
        if at_least "$RUST_NEEDED" "$(RUSTUP_TOOLCHAIN=$name rust_found)"; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

rust_is_here() {
    if ! has cargo && [ -x "$HOME/.cargo/bin/cargo" ]; then
        export PATH="$HOME/.cargo/bin:$PATH"
        ENV_LINES+=("export PATH=\"$HOME/.cargo/bin:\$PATH\"")
    fi
    has cargo && has rustc || return 1
    if has rustup && [ -z "${RUSTUP_TOOLCHAIN:-}" ] && ! rustup toolchain list | grep -q "^$RUST_NEEDED"; then
        local name
        name=$(newer_toolchain_of_rustup) || return 1
        export RUSTUP_TOOLCHAIN=$name
        ENV_LINES+=("export RUSTUP_TOOLCHAIN=$name")
    fi
    at_least "$RUST_NEEDED" "$(rust_found)"
}

need_rust() {
    rust_is_here && return 0
    if has rustup; then
        ask "Rust $RUST_NEEDED is not among the toolchains of rustup. Let rustup fetch it?"
        rustup toolchain install "$RUST_NEEDED" --profile minimal --component rustfmt,clippy ||
            stop "rustup could not fetch Rust $RUST_NEEDED; is there a network?"
    else
        ask "Rust $RUST_NEEDED or newer is needed (found: $(rust_found || true)). Get it with the installer of rustup.rs, into ~/.cargo?"
        fetcher
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
            sh -s -- -y -q --no-modify-path --profile minimal --default-toolchain "$RUST_NEEDED" -c rustfmt -c clippy ||
            stop "the installer of rustup.rs failed; is there a network?"
        export PATH="$HOME/.cargo/bin:$PATH"
        ENV_LINES+=("export PATH=\"$HOME/.cargo/bin:\$PATH\"")
    fi
    at_least "$RUST_NEEDED" "$(rust_found)" || stop "Rust is still older than $RUST_NEEDED"
}

need_rust_checkers() {
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return 0
    has rustup || stop "cargo fmt and cargo clippy are missing; install rustfmt and clippy beside this Rust"
    say "adding rustfmt and clippy to this Rust with rustup: the checks need them"
    rustup component add rustfmt clippy >/dev/null
}

# ---- Node ------------------------------------------------------------------------------------------------------------

node_found() { node --version 2>/dev/null | sed 's/^v//'; }

need_node() {
    if [ -x "$TOOLS/node/bin/node" ]; then
        export PATH="$TOOLS/node/bin:$PATH"
        ENV_LINES+=("export PATH=\"$TOOLS/node/bin:\$PATH\"")
    fi
    if has npm && at_least "$NODE_NEEDED" "$(node_found)"; then return 0; fi
    ask "Node $NODE_NEEDED or newer with npm is needed (found: $(node_found || true)). Get $NODE_LINE from nodejs.org, into .tools/node?"
    fetcher
    fetch_node
    export PATH="$TOOLS/node/bin:$PATH"
    ENV_LINES+=("export PATH=\"$TOOLS/node/bin:\$PATH\"")
}

fetch_node() {
    local machine from sums archive folder
    case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64 | arm64) machine=arm64 ;;
    *) stop "nodejs.org has no build for $(uname -m); install Node $NODE_NEEDED yourself" ;;
    esac
    from=https://nodejs.org/dist/latest-$NODE_LINE.x
    folder=$(mktemp -d)
    sums=$(curl -sSf "$from/SHASUMS256.txt") || stop "nodejs.org does not answer; is there a network?"
    archive=$(printf '%s\n' "$sums" | awk '{print $2}' | grep -- "-linux-$machine.tar.gz\$")
    curl -sSf -o "$folder/$archive" "$from/$archive"
    (cd "$folder" && printf '%s\n' "$sums" | grep -F "  $archive" | sha256sum --check --quiet) ||
        stop "what came from nodejs.org does not have the stated checksum; nothing was installed"
    mkdir -p "$TOOLS/node"
    tar -xzf "$folder/$archive" -C "$TOOLS/node" --strip-components=1
    rm -r "$folder"
}

# ---- What only the tests need ----------------------------------------------------------------------------------------

postgres_found() {
    local program
    for program in /usr/lib/postgresql/*/bin/postgres $(command -v postgres || true); do
        [ -x "$program" ] && "$program" --version | sed -n 's/.* \([0-9][0-9]*\).*/\1/p'
    done | sort -n | tail -n 1
}

# The tests start a throwaway server of their own. Debian's package would also make and start one for the machine; a
# drop-in, taken away again afterwards, asks it not to.
need_postgres() {
    at_least "$POSTGRES_NEEDED" "$(postgres_found)" && return 0
    local drop_in=/etc/postgresql-common/createcluster.d/quell-tests.conf
    if has apt-get; then
        as_root mkdir -p "${drop_in%/*}"
        echo 'create_main_cluster = false' | as_root tee "$drop_in" >/dev/null
    fi
    apt_install "the scenes run on SQLite and on PostgreSQL" postgresql
    as_root rm -f "$drop_in"
    as_root rmdir --ignore-fail-on-non-empty "${drop_in%/*}"
    at_least "$POSTGRES_NEEDED" "$(postgres_found)" ||
        say "this system offers PostgreSQL $(postgres_found); Quell is made for $POSTGRES_NEEDED and newer"
}

need_openssl() {
    has openssl || apt_install "the tests of TLS make their own certificates" openssl
}

chromium_found() {
    local name
    for name in "${CHROMIUM:-}" chromium google-chrome-stable google-chrome; do
        [ -n "$name" ] && command -v "$name" && return 0
    done
    return 1
}

# Ubuntu's package `chromium-browser` is a door to a snap, which neither containers nor a fresh profile folder can use;
# there the browser is Google's own Debian package, after asking.
need_browser() {
    if ! chromium_found >/dev/null; then
        if grep -qs '^ID=ubuntu' /etc/os-release && [ "$(uname -m)" = x86_64 ]; then
            ask "The browser tests need Chromium, which Ubuntu has only as a snap. Install Google's Chrome package from dl.google.com?"
            chrome_of_google
        else
            apt_install "the browser tests drive it" chromium
        fi
    fi
    ENV_LINES+=("export CHROMIUM=$(chromium_found)")
}

chrome_of_google() {
    fetcher
    local folder
    folder=$(mktemp -d)
    curl -sSf -o "$folder/chrome.deb" https://dl.google.com/linux/direct/google-chrome-stable_current_amd64.deb
    chmod 755 "$folder"
    apt_install "the browser tests drive it" "$folder/chrome.deb"
    rm -r "$folder"
}

need_chinese_font() {
    has fc-list && [ -n "$(fc-list :lang=zh)" ] ||
        apt_install "without it every Chinese letter in the browser tests is the same empty box" fontconfig fonts-noto-cjk
}

# ----------------------------------------------------------------------------------------------------------------------

write_env() {
    mkdir -p "$TOOLS"
    { [ ${#ENV_LINES[@]} = 0 ] || printf '%s\n' "${ENV_LINES[@]}"; } >"$TOOLS/env"
}

need_for_build() {
    need_compiler
    need_rust
    need_node
}

case ${1:-} in
build) need_for_build ;;
test)
    need_for_build
    need_rust_checkers
    need_postgres
    need_openssl
    need_browser
    need_chinese_font
    ;;
*) stop "say what for: build or test" ;;
esac
write_env
