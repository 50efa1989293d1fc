#!/usr/bin/env bash
# Kills the program and its workers at random moments, resumes, and compares the models with those of an undisturbed run.
#
#   Scripts/faults.sh [KILLS]     10 by default; needs a release build
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly kills=${1:-10}
readonly consilium=${CONSILIUM:-.build/release/consilium}
readonly folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$consilium" data phantom --out "$folder/data" >/dev/null
# SCAFFOLD requires plain SGD; studies with another optimizer are refused.
sed 's/optimizer: {.*}/optimizer: {name: sgd, learning-rate: 1e-2}/' Examples/phantom/study.yaml >"$folder/study.yaml"
readonly study=(simulate "$folder/study.yaml" --sites Examples/phantom/sites.yaml --data "$folder/data"
  --rounds 2 --arms "local,fedavg,scaffold" --quiet)
run() { "$consilium" "${study[@]}" --out "$@"; } # RUN OPTION...
digests() { "$consilium" model inspect --json "$1" | sed -n 's/.*"sha256":"\([0-9a-f]*\)".*/\1/p'; }
models() { for file in "$1"/models/*.safetensors; do echo "$(basename "$file") $(digests "$file")"; done; }

started=$SECONDS
run "$folder/undisturbed" >/dev/null
whole=$((SECONDS - started))
models "$folder/undisturbed" >"$folder/expected"
[ -s "$folder/expected" ] || { echo "the undisturbed run left no models" >&2; exit 1; }
printf '%-10s  %-8s  %s\n' 'victim' 'after' 'outcome'

failures=0
for kill in $(seq "$kills"); do
  out=$folder/run-$kill
  [ $((kill % 2)) = 1 ] && victim=consilium || victim=engine
  after=$(awk -v whole="$whole" -v seed="$kill" 'BEGIN { srand(seed); printf "%.2f", 0.3 + rand() * whole }')
  # Do not call `run`: $! would be the id of a subshell, and the program its child.
  "$consilium" "${study[@]}" --out "$out" >/dev/null 2>&1 &
  pid=$!
  sleep "$after"
  if [ "$victim" = consilium ]; then
    kill -9 "$pid" 2>/dev/null || true
  else
    pkill -9 -P "$pid" 2>/dev/null || true
  fi
  wait "$pid" 2>/dev/null || true
  outcome='the same models'
  if ! run "$out" --resume >"$folder/log" 2>&1; then
    outcome="does not resume: $(tail -1 "$folder/log")"
  elif ! models "$out" | cmp -s - "$folder/expected"; then
    outcome='OTHER MODELS'
  fi
  [ "$outcome" = 'the same models' ] || failures=$((failures + 1))
  printf '%-10s  %5s s  %s\n' "$victim" "$after" "$outcome"
  rm -rf "$out"
done
echo "$((kills - failures)) of $kills kills left the same models as the undisturbed run"
[ "$failures" = 0 ]
