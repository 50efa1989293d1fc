#!/usr/bin/env bash
# Runs the field cases, small inputs that rebuild faults reported in public, with the real commands, and holds what comes out against
# expected.json beside them. The expected values are SimpleITK's, pydicom's and nibabel's, or closed forms.
#
#   Scripts/field.sh               all cases: some minutes
#   Scripts/field.sh FOLDER        the cases of another folder with the same layout
#
# The environment may name CASES (a regular expression, such as mask-grid), SAMPLE (1 for the cases that CI runs, within a minute),
# and BIN, the folder of the programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly bin=$(realpath "${BIN:-.build/release}")
[ -x "$bin/consilium" ] || { echo "field: run 'make build' first" >&2; exit 1; }
exec python3 Scripts/field.py --program "$bin/consilium" ${CASES:+--cases "$CASES"} ${SAMPLE:+--sample} "$@"
