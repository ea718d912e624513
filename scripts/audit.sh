#!/usr/bin/env bash
# Known weaknesses of what the program and its pages are built from. Each database is asked where it can be reached, and
# the answer says how old it is; where it cannot, that is said, and nothing is claimed.
set -uo pipefail
cd "$(dirname "$0")/.."

CODE=0

printf '== Rust: cargo deny\n'
if cargo deny --version >/dev/null 2>&1; then
    cargo deny --locked check || CODE=1
    # Where cargo-deny keeps the database it fetched.
    database=$(find "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs" -maxdepth 1 -mindepth 1 -type d 2>/dev/null | head -n 1)
    if [ -n "$database" ]; then
        echo "advisory database of $(git -C "$database" log -1 --format=%cs 2>/dev/null || echo 'an unknown day')"
    else
        echo "not asked: no advisory database could be fetched or found"
    fi
else
    echo "not asked: cargo-deny is not here (cargo install cargo-deny --locked)."
    echo "Licences, sources and bans are checked without it, by: cargo test -p scenes --test guards supply"
fi

printf '\n== Web: npm audit\n'
told=$(cd web && npm audit --audit-level=moderate 2>&1)
case $? in
0) printf '%s\n' "$told" | tail -n 1 ;;
*)
    # The same code for a weakness and for no answer; only an answer counts them.
    if printf '%s\n' "$told" | grep -qE '[0-9]+ (low|moderate|high|critical)? ?.*vulnerabilit'; then
        printf '%s\n' "$told"
        CODE=1
    else
        echo "not asked: the registry does not answer questions about weaknesses here"
    fi
    ;;
esac
exit $CODE
