#!/usr/bin/env bash
# Every parser against files that coverage leads libFuzzer to: fuzz.sh RUNS [PARSER...]
#
# Each parser gets RUNS executions; the first that ends otherwise than with an answer or a refusal stops the run, and its
# file is kept in tests/fuzz/artifacts. What was learnt stays in tests/fuzz/corpus, so that the next run goes on from there.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:?how many executions for each parser?}
shift
command -v cargo-fuzz >/dev/null 2>&1 || cargo install cargo-fuzz --locked --quiet
parsers=("$@")
[ ${#parsers[@]} -gt 0 ] ||
    mapfile -t parsers < <(sed -n 's/^    \([a-z_]*\): [a-z]*::[a-z_]*, seeds::.*/\1/p' tests/parsers/src/lib.rs)

for parser in "${parsers[@]}"; do
    export QUELL_PARSER=$parser
    corpus=tests/fuzz/corpus/$parser
    mkdir -p "$corpus"
    cargo run --quiet -p parsers --example seeds -- "$parser" "$corpus"
    began=$SECONDS
    # Without a sanitizer the stable compiler will do: the code has no unsafe of its own.
    cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none parser "$corpus" -- \
        -runs="$runs" -max_len=2000 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 2>&1 |
        sed -n 's/^stat::number_of_executed_units: */executed /p; /ERROR\|SUMMARY\|panicked/p'
    printf '%-14s no crash, no hang; %d s\n' "$parser" $((SECONDS - began))
done
