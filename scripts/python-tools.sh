#!/usr/bin/env bash
# Makes .venv with the Python tools of tests/wire/requirements.txt; anew only when that file or the
# interpreter changes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=${PYTHON:-python3}
requirements=tests/wire/requirements.txt
stamp=.venv/requirements.sha256
wanted=$("$python" -c '
import hashlib, pathlib, sys
text = sys.version.encode() + pathlib.Path(sys.argv[1]).read_bytes()
print(hashlib.sha256(text).hexdigest())' "$requirements")

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
    echo '.venv is up to date'
    exit 0
fi
rm -rf .venv
"$python" -m venv .venv
.venv/bin/python -m pip --disable-pip-version-check install --quiet --no-input --retries 5 \
    --requirement "$requirements"
printf '%s\n' "$wanted" >"$stamp"
