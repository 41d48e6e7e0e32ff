#!/usr/bin/env bash
# Runs one step under a heading and tells how long it took.
# Usage: scripts/step.sh HEADING COMMAND [ARGUMENT ...]
set -euo pipefail

heading=$1
shift
printf '\n== %s\n' "$heading"
SECONDS=0
status=0
"$@" || status=$?
if [ "$status" -eq 0 ]; then
    printf '   %s: %s s\n' "$heading" "$SECONDS"
else
    printf '   %s: failed after %s s\n' "$heading" "$SECONDS" >&2
fi
exit "$status"
