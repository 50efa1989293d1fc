#!/usr/bin/env bash
# Runs the field cases with the real commands and compares the results with expected.json next to them. The cases are small inputs that
# rebuild publicly reported faults. The expected values come from SimpleITK, pydicom and nibabel, or from closed forms.
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
