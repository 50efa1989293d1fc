#!/usr/bin/env bash
# Runs a whole consortium on this machine: an authority, a coordinator and four sites. Each is a process with its own folder and identity;
# they talk over mutual TLS. The study is proposed, reviewed, signed, rehearsed and run, while processes are killed at random. It must
# end with the simulator's models, a valid audit log, and a report.
#
#   Scripts/federation.sh [KILLS]        the number of processes killed with SIGKILL (default 3)
#
# The environment may name another STUDY and SITES file with DATA, its folder of data; WORK, the folder for everything
# (federation-run); LIMIT, the number of seconds without progress after which a study is considered hung (600); and CUT, the place at which
# the model is split, so that the coordinator's engine computes its middle. The simulator still trains the whole model.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly kills=${1:-3} limit=${LIMIT:-600}
readonly work=$(realpath -m "${WORK:-federation-run}")
readonly port=${PORT:-$((20000 + RANDOM % 10000))}
RANDOM=${SEED:-7}
. Scripts/consortium.sh

watch=''
trap '[ -z "$watch" ] || kill $watch 2>/dev/null || true; stop_all' EXIT
[ -n "${WORK:-}" ] || rm -rf "$work"
mkdir -p "$work"

if [ -z "${STUDY:-}" ]; then
  say "no study given: using a short one on GENERATED brain MRI of four simulated hospitals"
  [ -d "$work/data" ] || consilium data phantom --out "$work/data" >/dev/null
  sed -e 's/rounds: 12/rounds: 4/' -e 's/baselines: .*/baselines: [local]/' -e 's/size: \[64, 64\]/size: [32, 32]/' \
    Examples/phantom/study.yaml >"$work/study.yaml"
  cp Examples/phantom/sites.yaml "$work/sites.yaml"
  use_study "$work/study.yaml" "$work/sites.yaml" "$work/data"
else
  use_study "$STUDY" "${SITES:-$(dirname "$STUDY")/sites.yaml}" "${DATA:-../shared/data}"
fi

if [ -n "${CUT:-}" ]; then
  say "the model is split at $CUT"
  split_study "$CUT"
fi

say "certificates: an authority, and a key for every party"
certify 127.0.0.1
consilium provision list --authority "$work/authority"

say "coordinator and sites"
run_coordinator "127.0.0.1:$port" --dashboard "127.0.0.1:$((port + 1))" ${CUT:+--engine}
propose
say "proposed: $id"
consilium study review "$id" --identity "$work/identities/${names[0]}" --folder "$work/${names[0]}" | head -40
for site in "${names[@]}"; do
  sign "$site"
  run_site "$site"
done

say "start; watch it in a browser that trusts $work/authority/authority.crt"
consilium coordinator token --folder "$work/coordinator" --role lead --name lead
lead start "$id"
lead watch "$id" &
watch=$!
for ((n = 1; n <= kills; n++)); do
  sleep "$((1 + RANDOM % 4)).$((RANDOM % 10))"
  kill -0 $watch 2>/dev/null || break
  victim=$(pick)
  echo "  kill -9 ${victim%%:*}"
  kill -9 "${victim##*:}" 2>/dev/null || true
done
said='' since=$SECONDS
while kill -0 $watch 2>/dev/null; do
  now=$(wc -l <"$work/coordinator.log")
  [ "$now" = "$said" ] || said=$now since=$SECONDS
  [ $((SECONDS - since)) -lt "$limit" ] || fail "nothing happens for $limit s"
  sleep 1
done
wait $watch || fail "the study did not finish"

say "results"
fetch_results
verify_logs

say "the same study in the simulator"
rm -rf "$work/simulated"
simulate "$work/simulated"
compare "$work/simulated"
say "done: report in $work/results/report.html"
