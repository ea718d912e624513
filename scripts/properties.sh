#!/usr/bin/env bash
# Every property under dice nobody has thrown before: properties.sh ROUNDS
#
# `make test` throws the same dice each time, so that what it finds is due to what was changed. Here each round has a seed of its
# own, which is printed; PROPTEST_RNG_SEED=seed repeats it.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:?how many rounds?}
log=${CARGO_TARGET_DIR:-target}/properties.log
# Packages are called as their folders are.
packages=()
for package in $(git grep -l 'proptest! {' -- '*.rs' | sed 's#/\(src\|tests\)/.*##; s#.*/##' | sort -u); do
    packages+=(-p "$package")
done

for ((round = 1; round <= rounds; round++)); do
    export PROPTEST_RNG_SEED=$((RANDOM << 30 ^ RANDOM << 15 ^ RANDOM))
    began=$SECONDS
    if ! cargo test --quiet --no-fail-fast "${packages[@]}" >"$log" 2>&1; then
        cat "$log"
        echo "round $round failed: seed $PROPTEST_RNG_SEED"
        exit 1
    fi
    printf 'round %d: seed %s, %d s\n' "$round" "$PROPTEST_RNG_SEED" $((SECONDS - began))
done
