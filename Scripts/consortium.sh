# shellcheck shell=bash
# A whole consortium on this machine, to be sourced: an authority, a coordinator, a study lead and the sites that a study requires. Each
# is a process with its own folder and identity; they talk over mutual TLS.
#
# A script that sources this file sets `work`, the folder for everything, then calls `use_study`, `certify`, `run_coordinator` and
# `propose`, and then `sign` and `run_site` for every site.

readonly bin=$(realpath "${BIN:-.build/release}")
export PATH="$bin:$PATH"
# The prefix of a party's commands. It runs them on a separate machine or with another clock.
declare -A at=()
keepers=()
names=() study='' sites='' data='' id=''
# What the members' policies release.
policy='minimum-patients: 1, replicates: true'

say() { printf '\n%s: %s\n' "$(basename "$0" .sh)" "$*"; }
fail() {
  printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
  tail -n 5 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}

# Runs a party's command on that party's machine.
as() { # NAME COMMAND...
  local name=$1
  shift
  ${at[$name]-} "$@"
}

# Runs a party's service in the background, restarts it whenever it ends, as a service manager would, and records its exit statuses.
keep() { # NAME COMMAND...
  local name=$1 status
  shift
  touch "$work/running"
  (
    while [ -e "$work/running" ]; do
      ${at[$name]-} "$@" >>"$work/$name.log" 2>&1 &
      echo $! >"$work/$name.pid"
      status=0
      wait $! || status=$?
      echo "$status" >>"$work/$name.statuses"
      sleep 0.2
      while [ -e "$work/$name.held" ] && [ -e "$work/running" ]; do sleep 0.1; done
    done
  ) 2>/dev/null &
  keepers+=($!)
}

# Ends a service, and keeps it stopped until it is released. The service must end within two minutes.
hold() { # NAME SIGNAL
  local pid deadline=$((SECONDS + 120))
  pid=$(process_of "$1")
  touch "$work/$1.held"
  kill "-$2" "$pid"
  while kill -0 "$pid" 2>/dev/null; do
    [ $SECONDS -lt $deadline ] || fail "'$1' does not end"
    sleep 0.1
  done
}
release() { rm "$work/$1.held"; } # NAME

process_of() { cat "$work/$1.pid"; }
engines_of() { pgrep -P "$(process_of "$1")" || true; }

signal_all() {
  local file
  for file in "$work"/*.pid; do [ ! -e "$file" ] || kill "-$1" "$(cat "$file")" 2>/dev/null || true; done
}

# Ends all services, and kills those that do not end when asked.
stop_all() {
  rm -f "$work/running"
  signal_all TERM
  for _ in $(seq 100); do
    [ -n "$(jobs -r)" ] || break
    sleep 0.2
  done
  signal_all KILL
  wait "${keepers[@]}" 2>/dev/null || true
}

# The study's required sites are the members of the consortium.
use_study() { # STUDY SITES DATA
  study=$1 sites=$2 data=$3
  IFS=', ' read -ra names <<<"$(sed -n 's/.*required: \[\(.*\)\].*/\1/p' "$study" | head -1)"
  [ ${#names[@]} -gt 0 ] || fail "the study must name its required sites on one line"
}

# Splits the model of the study at a cut. The members permit that activations leave.
split_study() { # CUT
  sed "s/^\( *\)\(workflow: .*\)/\1split: {cut: $1}\n\1\2/" "$study" >"$work/split.yaml"
  grep -q "cut: $1" "$work/split.yaml" || fail "the study must name its workflow on a line of its own"
  study=$work/split.yaml
  policy="$policy, activations: true"
}

enrol() { # ROLE NAME [--ip ADDRESS]
  local role=$1 name=$2 folder=$work/identities/$2
  shift 2
  consilium provision enrol --role "$role" --name "$name" --out "$folder" >/dev/null
  consilium provision issue "$folder/request.csr" --authority "$work/authority" --out "$folder/issued.crt" "$@" >/dev/null
  consilium provision install "$folder/issued.crt" --to "$folder" >/dev/null
}

# Issues certificates for everyone; the coordinator is reached at ADDRESS.
certify() { # ADDRESS
  local site
  rm -rf "$work"/authority "$work"/identities
  consilium provision init --consortium demo --out "$work/authority" >/dev/null
  enrol coordinator hub --ip "$1"
  enrol lead lead
  for site in "${names[@]}"; do enrol site "$site"; done
}

run_coordinator() { # ADDRESS:PORT [OPTION]...
  export CONSILIUM_COORDINATOR=$1
  keep coordinator consilium coordinator run --folder "$work/coordinator" --identity "$work/identities/hub" --listen "$@"
}

lead() { # COMMAND [ARGUMENT]...: of `consilium study`
  as lead consilium study "$@" --identity "$work/identities/lead"
}

propose() {
  local invited
  invited=$(IFS=, && echo "${names[*]}")
  # The sites' agents may start after the proposal.
  id=$(lead propose "$study" --sites "$invited" --allow-unknown)
}

# These sites have few validation patients. A default policy would withhold figures about so few, so the selected round would differ from
# the simulator's. Replicates are released too, so that the report has intervals.
sign() { # SITE
  mkdir -p "$work/$1"
  printf 'release: {%s}\n' "$policy" >"$work/$1/policy.yaml"
  as "$1" consilium study sign "$id" --identity "$work/identities/$1" --folder "$work/$1" --site-file "$sites" --data "$data"
}

run_site() { # SITE [NAME FOLDER]: another agent of the same site, where they are given
  keep "${2:-$1}" consilium site run --identity "$work/identities/$1" --folder "${3:-$work/$1}"
}

# A random process of the consortium, as NAME:PID: the coordinator, an agent, or a worker.
pick() {
  local pids=() name pid child
  for name in coordinator "${names[@]}"; do
    pid=$(process_of "$name" 2>/dev/null) || continue
    pids+=("$name:$pid")
    for child in $(engines_of "$name"); do pids+=("engine of $name:$child"); done
  done
  echo "${pids[RANDOM % ${#pids[@]}]}"
}

verify_logs() {
  local folder
  for folder in coordinator "${names[@]}"; do
    consilium audit verify "$work/$folder/audit.log" --authority "$work/authority/authority.crt"
  done
}

# Checks that every model is the one that was signed, and that the coordinator's log contains the entries that its manifest names.
fetch_results() {
  local model
  lead results "$id" --out "$work/results"
  for model in "$work"/results/models/*.safetensors; do
    consilium model verify "$model" --authority "$work/authority/authority.crt"
    consilium audit verify "$work/coordinator/audit.log" --manifest "${model%.safetensors}.manifest.json" >/dev/null
  done
}

# The arms that a federation can train. It has no pooled arm, since nobody has all data.
simulate() { # RUN
  local arms
  arms=$(sed -n 's/.*workflow: \([a-z]*\).*/\1/p' "$study" | head -1)
  ! grep -q 'baselines:.*local' "$study" || arms=local,$arms
  consilium simulate "$study" --sites "$sites" --data "$data" --arms "$arms" --out "$1" --quiet
}

# Compares the fetched results with a simulator's run of the same study.
compare() { # RUN
  local model name
  for model in "$1"/models/*.safetensors; do
    name=$(basename "$model")
    [ "$name" != initial.safetensors ] || continue
    cmp "$model" "$work/results/models/$name" || fail "'$name' is not the simulator's"
    echo "  $name: $(sha256sum <"$model" | cut -c1-16)…  the same, byte for byte"
  done
}
