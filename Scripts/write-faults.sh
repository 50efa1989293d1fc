#!/usr/bin/env bash
# Kills each process of a short study before every call with which it changes a file, lets such calls fail at random, and compares the
# final models with those of an undisturbed run. The study is on made-up tables.
#
#   Scripts/write-faults.sh [VICTIM...]     simulator, worker, provision, sign, coordinator, site; all by default
#
# All calls take hours for the coordinator and the sites, and minutes for the others. The environment may set SAMPLE, to try only so many
# faults of each networked victim; EVERY, to try other faults than kills at one call in so many (8); KINDS (kill,torn,EIO,ENOSPC,short);
# SEED; WORK, a folder to keep; and BIN, the folder of the programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly bin=$(realpath "${BIN:-.build/release}")
[ -x "$bin/consilium" ] || { echo "write-faults: run 'make build' first" >&2; exit 1; }
readonly work=${WORK:-$(mktemp -d)}
[ -n "${WORK:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
python3 Scripts/write-faults.py --programs "$bin" --work "$work" ${SAMPLE:+--sample "$SAMPLE"} ${EVERY:+--every "$EVERY"} \
  ${KINDS:+--kinds "$KINDS"} ${SEED:+--seed "$SEED"} "$@"
