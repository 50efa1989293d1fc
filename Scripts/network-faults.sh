#!/usr/bin/env bash
# Subjects a consortium to the faults of real machines and networks. Each fault gets a fresh consortium of real processes with
# a short study on GENERATED brain MRI of two simulated hospitals. After each fault, the models must equal the simulator's, byte for byte,
# or the study must have ended with status 3 and a reason. All audit logs must be valid.
#
#   Scripts/network-faults.sh [SCENARIO...]     all scenarios by default; as root, for network namespaces and mounts
#
# The environment may set the following, with the defaults in brackets:
#   WORKFLOW            the workflow (scaffold, whose sites keep state between rounds)
#   KILLS, RESTARTS     the numbers of kills (50) and restarts (30)
#   ROUNDS              the number of rounds in these two scenarios (some for each kill or restart)
#   CUT, FULL           the seconds for which a link is cut (120) and a disk is full (20)
#   LIMIT               the seconds without progress after which a study is considered hung (180)
#   SEED                the seed of the random choices (7)
#   WORK                a folder to keep
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly all=(kills restarts cut-upload cut-download slow-link slow-site full-disk-coordinator full-disk-site clock-skew two-agents
  copied-agent old-backup old-site-backup)
readonly kills=${KILLS:-50} restarts=${RESTARTS:-30} cut=${CUT:-120} full=${FULL:-20} limit=${LIMIT:-180} workflow=${WORKFLOW:-scaffold}
readonly root=$(realpath -m "${WORK:-$(mktemp -d)}")
readonly hub=10.77.0.1
# The site of the study to which the faults happen.
readonly first=north
work=$root
. Scripts/consortium.sh

spaces=() mounts=() helpers=()
# Clean up, however a scenario ends.
clean_up() {
  local each
  for each in "${helpers[@]}"; do kill "$each" 2>/dev/null || true; done
  for each in "${names[@]}" second; do kill -CONT $(engines_of "$each" 2>/dev/null) 2>/dev/null || true; done
  stop_all
  for each in "${spaces[@]}"; do ip netns del "$each" || true; done
  for each in "${mounts[@]}"; do umount -l "$each" || true; done
}

# MARK: The consortium

# The study of the README's two hospitals, with enough rounds for a fault to happen, and with plain SGD, which SCAFFOLD requires.
tiny() { # ROUNDS [CHANNELS [BASELINES]]
  sed -e "s/rounds: 3/rounds: $1/" -e "s/channels: \[8, 16, 32\]/channels: [${2:-8, 16, 32}]/" \
    -e "s/baselines: \[local\]/baselines: [${3-local}]/" -e "s/workflow: fedavg/workflow: $workflow/" \
    -e "s/optimizer: {.*}/optimizer: {name: sgd, learning-rate: 1e-2}/" \
    Examples/two-hospitals/study.yaml >"$work/study.yaml"
  use_study "$work/study.yaml" Examples/two-hospitals/sites.yaml "$root/data"
}

agree_and_start() {
  local site
  propose
  for site in "${names[@]}"; do
    sign "$site"
    run_site "$site"
  done
  lead start "$id"
}

on_this_machine() {
  certify 127.0.0.1
  run_coordinator "127.0.0.1:$((20000 + $$ % 10000))"
  agree_and_start
}

# A separate machine for each party: a network namespace, with a wire from each site to the coordinator. The options of a site's
# wire are in wires[SITE].
declare -A wires=()
on_machines_of_their_own() {
  local party number=0
  for party in coordinator "${names[@]}"; do
    ip netns add "faults-$$-$party"
    spaces+=("faults-$$-$party")
    ip -n "faults-$$-$party" link set lo up
    at[$party]="ip netns exec faults-$$-$party"
  done
  at[lead]=${at[coordinator]}
  ip -n "faults-$$-coordinator" address add "$hub/32" dev lo
  for party in "${names[@]}"; do
    number=$((number + 1))
    lay_wire "$party" "10.77.0.$((number + 1))" "cw$number-$$" ${wires[$party]-}
  done
  certify "$hub"
  run_coordinator "$hub:8443"
  agree_and_start
}

lay_wire() { # SITE ADDRESS DEVICE [OPTION]...
  local site=$1 address=$2 device=$3
  shift 3
  : >"$work/wire-$site.log"
  Scripts/wire.py "a$device" "b$device" "$@" >"$work/wire-$site.log" 2>&1 &
  helpers+=($!)
  echo $! >"$work/wire-$site"
  until grep -q ready "$work/wire-$site.log"; do
    kill -0 $! 2>/dev/null || fail "no wire can be laid here: $(tail -n 1 "$work/wire-$site.log")"
    sleep 0.1
  done
  ip link set "a$device" netns "faults-$$-coordinator"
  ip link set "b$device" netns "faults-$$-$site"
  ip -n "faults-$$-coordinator" link set "a$device" up
  ip -n "faults-$$-coordinator" route add "$address" dev "a$device" src "$hub"
  ip -n "faults-$$-$site" address add "$address/32" dev "b$device"
  ip -n "faults-$$-$site" link set "b$device" name wire up
  ip -n "faults-$$-$site" route add "$hub" dev wire
}

# MARK: Waiting and judging

committed() { grep -c "round committed (arm $workflow," "$work/coordinator.log" || true; }

wait_for_round() {
  local deadline=$((SECONDS + limit))
  until [ "$(committed)" -ge "$1" ]; do
    [ $SECONDS -lt $deadline ] || fail "round $1 does not come: $(state)"
    sleep 0.1
  done
}

# The study's state and its reason; nothing if the coordinator does not answer.
state() {
  lead status "$id" --json 2>>"$work/status.log" | sed -n 's/.*"reason":"\(.*\)","state":"\([a-z]*\)".*/\2 \1/p' || true
}

# Follows the study to its end, resumes it if it was paused, and reports the outcome.
judge() {
  local found status=0 noted='' progress='' last=$SECONDS
  while true; do
    found=$(state)
    if [ "$progress" != "$found $(wc -l <"$work/coordinator.log")" ]; then
      progress="$found $(wc -l <"$work/coordinator.log")" last=$SECONDS
    fi
    case $found in
      finished*) break ;;
      failed* | aborted*)
        as lead timeout 600 consilium study watch "$id" --identity "$work/identities/lead" || status=$?
        verify_logs >>"$work/verified"
        [ $status -eq 3 ] || fail "the study ended with status $status: ${found#* }"
        echo "${noted}ended with status 3: ${found#* }" >"$work/outcome"
        return
        ;;
      paused*)
        noted="paused (${found#* }), resumed; "
        say "$found"
        lead resume "$id" || true
        ;;
    esac
    [ $((SECONDS - last)) -lt "$limit" ] || fail "nothing happens for $limit s: ${found:-the coordinator does not answer}"
    sleep 1
  done
  fetch_results >>"$work/verified"
  verify_logs >>"$work/verified"
  compare "$(simulated)"
  echo "${noted}the simulator's models${1-}" >"$work/outcome"
}

# The simulator's run of the same study, made once.
simulated() {
  local run
  run=$root/simulated-$(sha256sum <"$study" | cut -c1-8)
  [ -e "$run/report.json" ] || simulate "$run" >/dev/null
  echo "$run"
}

# MARK: The faults

kills() {
  local n=0 victim
  tiny "${ROUNDS:-$((6 * kills))}"
  on_this_machine
  wait_for_round 1
  while [ $n -lt "$kills" ]; do
    sleep "$((RANDOM % 3)).$((RANDOM % 10))"
    case $(state) in finished* | failed* | aborted*) break ;; esac
    victim=$(pick)
    kill -9 "${victim##*:}" 2>/dev/null || continue
    n=$((n + 1))
    echo "  kill -9 ${victim%%:*} ($n of $kills), after round $(committed)"
  done
  judge " after $n kills"
  [ $n -eq "$kills" ] || fail "the study ended after $n kills: it needs more ROUNDS"
}

# Asks the coordinator to end while the sites are connected; it must do so by itself, every time.
restarts() {
  local n=0
  tiny "${ROUNDS:-$((8 * restarts))}"
  on_this_machine
  wait_for_round 1
  while [ $n -lt "$restarts" ]; do
    sleep "$((RANDOM % 2)).$((RANDOM % 10))"
    case $(state) in finished* | failed* | aborted*) break ;; esac
    hold coordinator TERM
    release coordinator
    n=$((n + 1))
  done
  judge " after $n restarts of the coordinator"
  [ $n -eq "$restarts" ] || fail "the study ended after $n restarts: it needs more ROUNDS"
  sort "$work/coordinator.statuses" | uniq -c
  ! grep -vxq 0 "$work/coordinator.statuses" || fail "a coordinator that was asked to end did not end well"
}

bytes_of() { as "$1" cat "/sys/class/net/wire/statistics/$2_bytes"; } # SITE tx|rx

# Cuts the first site's wire in the middle of a file, after its first chunk of one mebibyte.
cut_transfer() { # tx|rx
  local site=$first rate=250000 last passed=0 now
  tiny 2 '32, 64, 128' ''
  wires[$site]="--rate $rate --delay 10"
  on_machines_of_their_own
  wait_for_round 1
  last=$(bytes_of "$site" "$1")
  while [ $passed -lt 1200000 ]; do
    sleep 0.2
    now=$(bytes_of "$site" "$1")
    # Between two files, nothing is on the wire.
    if [ $((now - last)) -lt $((rate / 50)) ]; then passed=0; else passed=$((passed + now - last)); fi
    last=$now
  done
  kill -USR1 "$(cat "$work/wire-$site")"
  say "cut after $passed bytes of a file"
  find "$work" -name '*.part' -printf '  the receiver keeps %s of them\n'
  sleep "$cut"
  kill -USR2 "$(cat "$work/wire-$site")"
  say "repaired after $cut s"
  judge ", cut for $cut s after $passed bytes of a file"
}
cut-upload() { cut_transfer tx; }
cut-download() { cut_transfer rx; }

slow-link() {
  local site
  tiny 3
  for site in "${names[@]}"; do wires[$site]="--delay 100 --loss 2 --seed ${#wires[@]}"; done
  on_machines_of_their_own
  judge
}

# Stops an agent's workers for a while.
freeze() { # NAME SECONDS
  local engines
  engines=$(engines_of "$1")
  kill -STOP $engines 2>/dev/null || true
  sleep "$2"
  kill -CONT $engines 2>/dev/null || true
}

# Slows an agent's workers down to a tenth of the time.
slow-site() {
  tiny 3
  on_this_machine
  while true; do freeze "$first" 0.9; sleep 0.1; done &
  helpers+=($!)
  judge
}

# Fills the disk that holds a party's folder, during the study.
full_disk() { # NAME
  tiny 8
  mkdir -p "$work/$1"
  mount -t tmpfs -o size=16m faults "$work/$1"
  mounts+=("$work/$1")
  on_this_machine
  wait_for_round 1
  head -c 32M /dev/zero >"$work/$1/filler" 2>/dev/null || true
  say "the disk is full, after round $(committed)"
  sleep "$full"
  say "after $full s: round $(committed), $(state)"
  tail -n 5 "$work/coordinator.log" "$work/$first.log"
  rm "$work/$1/filler"
  say "the disk has space again"
  judge
}
full-disk-coordinator() { full_disk coordinator; }
full-disk-site() { full_disk "$first"; }

# Sets the clock of everything that runs at a site, including its workers, ahead by the given number of seconds.
set_clock() { # SITE SECONDS
  [ -e "$root/skew.so" ] || "$(command -v clang || command -v cc)" -shared -fPIC -O2 -o "$root/skew.so" Scripts/skew.c
  at[$1]="env LD_PRELOAD=$root/skew.so CLOCK_SKEW=$2"
}

clock-skew() {
  tiny 3
  set_clock "$first" 86400
  set_clock south -86400
  on_this_machine
  judge
  grep -h 'clock differs' "$work"/*.log
}

# Starts a second agent with the same identity and another folder.
two-agents() {
  tiny 8
  on_this_machine
  wait_for_round 1
  mkdir "$work/second"
  cp -r "$work/$first"/{policy.yaml,studies} "$work/second"
  run_site "$first" second "$work/second"
  judge
  sort "$work/second.log" | uniq -c
}

# Starts a second agent with the same identity and a copy of the first one's folder. Either may be the faster one.
copied-agent() {
  tiny 20
  on_this_machine
  wait_for_round 1
  cp -r "$work/$first" "$work/second"
  run_site "$first" second "$work/second"
  while true; do freeze second 2; freeze "$first" 2; done &
  helpers+=($!)
  judge
  sort "$work/second.log" | uniq -c
}

# Restores a party from a backup of some rounds ago.
restore() { # NAME
  tiny 12
  on_this_machine
  wait_for_round 1
  hold "$1" TERM
  cp -a "$work/$1" "$work/backup"
  say "a backup after round $(committed)"
  release "$1"
  wait_for_round $(($(committed) + 3))
  hold "$1" KILL
  rm -rf "${work:?}/$1"
  mv "$work/backup" "$work/$1"
  say "restored after round $(committed)"
  release "$1"
  judge
}
old-backup() { restore coordinator; }
old-site-backup() { restore "$first"; }

# MARK: One after the other

# The last message of a failed scenario: one of this script's, otherwise any.
reason() { { grep '^network-faults: ' "$work/output" || grep . "$work/output"; } | tail -1 | sed 's/^network-faults: //'; }

[ "$(id -u)" -eq 0 ] || fail "this needs root, for network namespaces and mounts"
[ $# -gt 0 ] || set -- "${all[@]}"
for scenario in "$@"; do
  [[ " ${all[*]} " = *" $scenario "* ]] || fail "there is no scenario '$scenario'; there are: ${all[*]}"
done
mkdir -p "$root"
[ -d "$root/data" ] || consilium data phantom --out "$root/data" >/dev/null

failures=0 table=$root/table
: >"$table"
for scenario in "$@"; do
  work=$root/$scenario
  rm -rf "$work"
  mkdir -p "$work"
  say "$scenario"
  began=$SECONDS status=0
  (
    trap clean_up EXIT
    RANDOM=${SEED:-7}
    "$scenario"
  ) > >(tee "$work/output") 2>&1 &
  wait $! || status=$?
  if [ $status -eq 0 ]; then
    outcome=$(cat "$work/outcome")
  else
    failures=$((failures + 1))
    outcome="FAILED: $(reason)"
  fi
  printf '%-22s  %7d  %s\n' "$scenario" $((SECONDS - began)) "$outcome" >>"$table"
done

printf '\n%-22s  %7s  %s\n' scenario seconds outcome
cat "$table"
if [ $failures -gt 0 ]; then
  echo "what the processes said is in $root"
elif [ -z "${WORK:-}" ]; then
  rm -rf "$root"
fi
[ $failures -eq 0 ]
