#!/usr/bin/env bash
# Everything that must hold, one step after the other, the quick ones first; the first failure ends it. At the end: how
# long each step took, and what was not tested and why.
#
# Formatting, lints and tests share one debug profile, so that each dependency is compiled once.
set -euo pipefail
cd "$(dirname "$0")/.."

TARGET=${CARGO_TARGET_DIR:-target}
LOGS=$TARGET/test-logs
mkdir -p "$LOGS"
rm -f "$LOGS"/*.log
TIMES=()
CURRENT=start

finish() {
    local code=$?
    [ "$code" = 0 ] || printf '\nFAILED in: %s\n' "$CURRENT"
    exit "$code"
}
trap finish EXIT

# step NAME COMMAND...
step() {
    CURRENT=$1
    shift
    local began=$SECONDS
    printf '\n== %s: %s\n' "$CURRENT" "$*"
    "$@" 2>&1 | tee "$LOGS/${CURRENT// /-}.log"
    TIMES+=("$(printf '%6d s  %s' $((SECONDS - began)) "$CURRENT")")
}

in_web() { (cd web && "$@"); }

# Properties are tried with the same dice each time, so that what is found is due to what was changed; `make properties` throws others.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20221016}

# Passed tests keep what they printed to themselves; --show-output lets them say what they skipped.
rust_tests() {
    local cluster=()
    if [ -e tests/with-postgres.sh ]; then
        cluster=(sh tests/with-postgres.sh)
    else
        echo "skipped: PostgreSQL, because tests/with-postgres.sh is not here"
    fi
    "${cluster[@]}" cargo test --workspace -- --show-output
}

step "formatting" cargo fmt --check
step "web packages" in_web npm ci --no-fund --no-audit
step "web check" in_web npm run check
step "web tests" in_web npm test
step "web build" in_web npm run build
step "lints" cargo clippy --workspace --all-targets -- -D warnings
step "rust tests" rust_tests
step "program" cargo build -p quell
step "crashes" cargo run -p crash -- --bin "$TARGET/debug/quell" --room "$([ -d /dev/shm ] && echo /dev/shm || echo "$TARGET")/quell-crash"
step "browser tests" in_web npm run e2e

printf '\n== Passed\n'
printf '%s\n' "${TIMES[@]}"
printf '%6d s  in all\n' "$SECONDS"

printf '\n== Not tested\n'
skipped=$(grep -hoiE '(browser tests )?skipped: .*' "$LOGS"/*.log | sort | uniq -c | sed 's/^ *\([0-9]*\) /\1 × /' || true)
printf '%s\n' "${skipped:-nothing: every test ran}"
if [ -n "$skipped" ] && [ -z "${QUELL_SHARED:-}" ] && [ ! -d ../shared ]; then
    echo "The published line lists are not part of this repository; QUELL_SHARED names the folder that holds them."
fi
