#!/usr/bin/env bash
# Starts a server on a free port and shows what a car costs at the United States border: in mid-May
# 2025 as known then, and on five days as known now; then what is refunded, and where to build: the
# whole question of a Japanese maker, with what would change the answer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

binary=${PORTOLAN_BIN:-target/release/portolan}
# The demo shows the defaults, whatever the caller's own server is set to.
for setting in "${!PORTOLAN__@}"; do unset "$setting"; done

work=$(mktemp -d)
server=

# Asks the server to drain and waits for it; a server that will not stop is killed.
stop() {
    [ -n "$server" ] || return 0
    local pid=$server status=0
    server=
    kill -TERM "$pid" 2>/dev/null || true
    for ((tenths = 0; tenths < 300; tenths++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null && echo 'The server did not stop within 30 s.' >&2
    wait "$pid" || status=$?
    return "$status"
}

finish() {
    local status=$?
    stop || true
    if [ "$status" -ne 0 ] && [ -s "$work/log" ]; then
        echo 'The demo failed. Log of the server:' >&2
        cat "$work/log" >&2
    fi
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$binary" serve --listen 127.0.0.1:0 >"$work/serving" 2>"$work/log" </dev/null &
server=$!
authority=
for ((tenths = 0; tenths < 300; tenths++)); do
    authority=$(sed -n 's/^portolan is serving on //p' "$work/serving")
    [ -z "$authority" ] || break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
if [ -z "$authority" ]; then
    echo 'The server did not come up.' >&2
    exit 1
fi
echo "A server of this build answers on $authority."

act() { printf '\n--- %s\n\n' "$*"; }
duty() { "$binary" duty --address "http://$authority" "$@"; }
car=(--code 8703.23.01 --value '30000 USD' --freight '1150 USD' --quantity 1
    --origin JP --origin GB --origin IN --origin TH)

act 'In mid-May 2025 a car of 1,500 to 3,000 cc arrives from Japan, 30,000 USD at the port of export.
    The 10 % general tariff and the 24 % for Japan are considered and not added to the 25 % on cars.'
duty examples/japan-car-may-2025.json

act 'In mid-May 2025 the 10 % quota for British cars is announced and not yet in force.'
duty examples/uk-car-may-2025.json

act 'In mid-May 2025, with the law published by then, all four origins pay alike.'
duty "${car[@]}" --entry-date 2025-05-15 --known-at 2025-05-15

today=$(date +%F)
act "The same cars on five days up to today, $today, with the law published since.
    No quota is claimed here; examples/uk-car-in-quota.json claims the British one."
duty "${car[@]}" --entry-date 2025-05-15 --entry-date 2025-07-15 --entry-date 2025-09-15 \
    --entry-date 2025-09-16 --entry-date "$today"

act 'A German car of 40,000 USD, entered 2025-08-15: the cut published in September reached back.'
"$binary" compare dates --address "http://$authority" examples/eu-car-refund.json

act 'A hybrid built in Saitama or in Indiana, on the day the 25 % begins; unit costs are made up.'
"$binary" compare origins --address "http://$authority" examples/civic-hybrid-origins.json

act 'Should a Japanese maker serve the United States and Japan from Japan, the United States, India or
    Thailand? Two model lines, four plants, three fiscal years from April 2027; law as it stands, unit
    costs and volumes of examples/scenarios/article-plan.json, which are placeholders. 15 % in all on
    cars of Japan, 155 yen for a dollar:'
ask() { "$binary" "$1" --address "http://$authority" --brief "examples/scenarios/article-$2.json"; }
ask optimize plan
printf '\nAt which US rate on cars of Japan, yen, or labour cost in the US does that change?\n\n'
ask breakeven us-rate
ask breakeven yen
ask breakeven labour
printf '\nHow low must the US rate be for cars sent from the US to Japan to pay?\n\n'
ask concession concession
printf 'If the lower rate is for 300,000 cars of a year:\n'
ask concession concession-quota
printf '\nIt rests on: the law held, as published to its last day; exchange rates that stay; placeholders
for unit costs, freights, launches and demand; no floor for jobs in Japan. Every interval above says
what was proved. The tables and pictures behind these lines: leave out --brief, add --chart FILE.svg.\n'

stop
printf '\nThe server has drained and stopped. To serve, with requests to paste: make run\n'
