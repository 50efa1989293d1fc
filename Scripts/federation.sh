#!/usr/bin/env bash
# A whole consortium on this machine: an authority, a coordinator and four sites, each a process with a folder and an identity of its
# own, over mutual TLS. The study is proposed, reviewed, signed, rehearsed and run, while processes are killed at random; it must
# end with the models that the simulator makes, an audit log that verifies, and a report.
#
#   Scripts/federation.sh [KILLS]        how often a process is killed with SIGKILL (default 3)
#
# The environment may name another STUDY and SITES file with DATA, its folder of data, and WORK, a folder to keep.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly kills=${1:-3}
readonly bin=${BIN:-.build/release}
readonly work=${WORK:-$(mktemp -d)}
readonly port=${PORT:-$((20000 + RANDOM % 10000))}
export PATH="$PWD/$bin:$PATH"
RANDOM=${SEED:-7}

say() { printf '\nfederation: %s\n' "$*"; }
fail() {
  printf 'federation: %s\n' "$*" >&2
  tail -n 5 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}

# Runs a command in the background and starts it again whenever it ends, as a service manager would.
keep() {
  local name=$1
  shift
  (
    while [ -e "$work/running" ]; do
      "$@" >>"$work/$name.log" 2>&1 &
      echo $! >"$work/$name.pid"
      wait $! || true
      sleep 0.2
    done
  ) &
}

stop_all() {
  rm -f "$work/running"
  for file in "$work"/*.pid; do kill "$(cat "$file")" 2>/dev/null || true; done
  wait 2>/dev/null || true
  [ -n "${WORK:-}" ] || rm -rf "$work"
}
trap stop_all EXIT
mkdir -p "$work"
touch "$work/running"

if [ -z "${STUDY:-}" ]; then
  say "no study was named: a short one on GENERATED brain MRI of four made-up hospitals"
  data=$work/data
  [ -d "$data" ] || consilium data phantom --out "$data" >/dev/null
  sed -e 's/rounds: 12/rounds: 4/' -e 's/baselines: .*/baselines: [local]/' -e 's/size: \[64, 64\]/size: [32, 32]/' \
    Examples/phantom/study.yaml >"$work/study.yaml"
  cp Examples/phantom/sites.yaml "$work/sites.yaml"
  study=$work/study.yaml sites=$work/sites.yaml
else
  study=$STUDY sites=${SITES:-$(dirname "$STUDY")/sites.yaml} data=${DATA:-../shared/data}
fi
names=$(sed -n 's/.*required: \[\(.*\)\].*/\1/p' "$study" | tr -d ' ' | head -1)
[ -n "$names" ] || fail "the study must name its required sites on one line"

say "certificates: an authority, and a key of its own for everyone"
rm -rf "$work"/authority "$work"/identities
consilium provision init --consortium demo --out "$work/authority" >/dev/null
enrol() { # ROLE NAME [--ip ADDRESS]
  local role=$1 name=$2 folder=$work/identities/$2
  shift 2
  consilium provision enrol --role "$role" --name "$name" --out "$folder" >/dev/null
  consilium provision issue "$folder/request.csr" --authority "$work/authority" --out "$folder/issued.crt" "$@" >/dev/null
  consilium provision install "$folder/issued.crt" --to "$folder" >/dev/null
}
enrol coordinator hub --ip 127.0.0.1
enrol lead lead
for site in ${names//,/ }; do enrol site "$site"; done
consilium provision list --authority "$work/authority"

say "coordinator and sites"
keep coordinator consilium coordinator run --folder "$work/coordinator" --identity "$work/identities/hub" --listen "127.0.0.1:$port"
export CONSILIUM_COORDINATOR=127.0.0.1:$port
id=$(consilium study propose "$study" --sites "$names" --identity "$work/identities/lead")
say "proposed: $id"
first=${names%%,*}
consilium study review "$id" --identity "$work/identities/$first" --folder "$work/$first" | head -40
for site in ${names//,/ }; do
  consilium study sign "$id" --identity "$work/identities/$site" --folder "$work/$site" --site-file "$sites" --data "$data"
  keep "$site" consilium site run --identity "$work/identities/$site" --folder "$work/$site"
done

say "start"
consilium study start "$id" --identity "$work/identities/lead"
consilium study watch "$id" --identity "$work/identities/lead" &
watch=$!
pick() { # a process of the consortium: the coordinator, an agent, or an engine
  local all=(coordinator ${names//,/ }) pids=()
  for name in "${all[@]}"; do
    local pid
    pid=$(cat "$work/$name.pid" 2>/dev/null) || continue
    pids+=("$name:$pid")
    for child in $(pgrep -P "$pid" 2>/dev/null); do pids+=("engine of $name:$child"); done
  done
  echo "${pids[RANDOM % ${#pids[@]}]}"
}
for ((n = 1; n <= kills; n++)); do
  sleep "$((1 + RANDOM % 4)).$((RANDOM % 10))"
  kill -0 $watch 2>/dev/null || break
  victim=$(pick)
  echo "  kill -9 ${victim%%:*}"
  kill -9 "${victim##*:}" 2>/dev/null || true
done
wait $watch || fail "the study did not finish"

say "results"
consilium study results "$id" --identity "$work/identities/lead" --out "$work/results"
consilium audit verify "$work/coordinator/audit.log" --authority "$work/authority/authority.crt"
for site in ${names//,/ }; do consilium audit verify "$work/$site/audit.log" --authority "$work/authority/authority.crt"; done
for model in "$work"/results/models/*.safetensors; do
  consilium model verify "$model" --authority "$work/authority/authority.crt"
done

say "the same study in the simulator"
arms=local,$(sed -n 's/.*workflow: \([a-z]*\).*/\1/p' "$study" | head -1)
rm -rf "$work/simulated"
consilium simulate "$study" --sites "$sites" --data "$data" --arms "$arms" --out "$work/simulated" --quiet
for model in "$work"/simulated/models/*.safetensors; do
  name=$(basename "$model")
  [ "$name" != initial.safetensors ] || continue
  cmp "$model" "$work/results/models/$name" || fail "'$name' is not the simulator's"
  echo "  $name: $(sha256sum <"$model" | cut -c1-16)…  the same, byte for byte"
done
say "done: report in $work/results/report.html"
