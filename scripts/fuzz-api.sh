#!/usr/bin/env bash
# The whole API asked from its own document by schemathesis: fuzz-api.sh [EXAMPLES for each route, 50]
#
# A demo of invented people is served from a temporary folder; each role asks every route with what the document allows and
# with what it does not. The run fails at the first 500. Needs schemathesis (`pip install schemathesis`) and a built program.
set -euo pipefail
cd "$(dirname "$0")/.."

examples=${1:-50}
program=${CARGO_TARGET_DIR:-target}/debug/quell
command -v st >/dev/null 2>&1 || { echo "skipped: the API's fuzz, because schemathesis is not here (pip install schemathesis)"; exit 0; }
[ -x "$program" ] || { echo "build the program first: cargo build -p quell" >&2; exit 69; }

home=$(mktemp -d)
server=
put_away() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$home"
}
trap put_away EXIT

"$program" serve --data "$home/data" --demo taigu-2022 --listen 127.0.0.1:0 --account-rate 100000 >"$home/said" 2>&1 &
server=$!
for _ in $(seq 300); do
    grep -q '^Listening on ' "$home/said" && break
    sleep 0.2
done
address=$(sed -n 's/^Listening on //p' "$home/said")
[ -n "$address" ] || { cat "$home/said" >&2; exit 70; }

failed=0
for role in epidemiologist laboratory field commander auditor data_officer administrator; do
    password=$(awk -v role="$role" '$1 == role { print $3 }' "$home/said")
    curl -sS -c "$home/cookies" -H 'content-type: application/json' "$address/api/session" \
        -d "{\"login\":\"$role\",\"password\":\"$password\"}" >"$home/session"
    token=$(sed -n 's/.*"csrf":"\([^"]*\)".*/\1/p' "$home/session")
    cookie=$(awk '$6 == "quell" { print $7 }' "$home/cookies")
    # Coverage tries every method on every path, signing out among them. Ending sessions and choosing a password would end the run as well; the stream of live news never ends.
    (cd "$home" && st run "$address/api/openapi.json" --checks not_a_server_error --max-examples "$examples" --phases fuzzing \
        --header "Cookie: quell=$cookie" --header "x-quell-csrf: $token" --exclude-path /api/live \
        --exclude-path-regex '^/api/(session$|session/(password|prove|factors|passkey|acting)|changes/(end-|set-account|reset-|switch))' \
        --seed 20221126 --no-color >"$home/$role.txt" 2>&1) || failed=1
    printf '%s: %s\n' "$role" "$(grep -E 'generated|Test cases|passed|failed|skipped' "$home/$role.txt" | tr -s ' ' | tr '\n' ';' | cut -c1-300)"
    grep -nE 'Server error|Status code: 5|\[5[0-9][0-9]\]|^ *- Server' "$home/$role.txt" | head -20 || true
    [ "$failed" = 0 ] || { tail -60 "$home/$role.txt"; break; }
done
grep -c 'quell: ' "$home/said" | sed 's/^/lines on the standard error: /'
exit "$failed"
