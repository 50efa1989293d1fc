#!/usr/bin/env bash
# Runs Documentation/OneMachine.md word for word. Each of its terminals is a separate shell, which receives the commands under
# its name, in the page's order. Everything happens in a new home folder and, if the system allows it, in a separate network namespace.
#
#   Scripts/walkthrough.sh         about a minute; uses `consilium` from PATH, otherwise from the last release build
#
# The environment may name HOME_FOLDER, which is kept, and BIN, the folder of the programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ -z "${WALKTHROUGH_INSIDE:-}" ] && unshare --user --map-root-user --net ip link set lo up 2>/dev/null; then
  # Nothing else on this machine can occupy the page's ports.
  exec env WALKTHROUGH_INSIDE=1 unshare --user --map-root-user --net bash -c 'ip link set lo up && exec "$0" "$@"' "$0" "$@"
fi

readonly page=$PWD/Documentation/OneMachine.md
readonly bin=$(realpath "${BIN:-.build/release}")
[ ! -x "$bin/consilium" ] || export PATH="$bin:$PATH"
command -v consilium >/dev/null || { echo "walkthrough: run 'make build' first" >&2; exit 1; }
readonly home=$(realpath -m "${HOME_FOLDER:-$(mktemp -d)}")
readonly limit=${LIMIT:-300}
mkdir -p "$home/.terminals"
declare -A shells=()

say() { printf '\nwalkthrough: %s\n' "$*"; }
fail() {
  printf 'walkthrough: %s\n' "$*" >&2
  tail -n 5 "$home"/federation/*/*.log >&2 2>/dev/null || true
  exit 1
}
stop_all() {
  local terminal
  # Each shell leads a process group with everything that it started in the background.
  for terminal in "${!shells[@]}"; do kill -TERM -- "-${shells[$terminal]}" 2>/dev/null || true; done
  sleep 0.5
  for terminal in "${!shells[@]}"; do kill -KILL -- "-${shells[$terminal]}" 2>/dev/null || true; done
  [ -n "${HOME_FOLDER:-}" ] || rm -rf "$home"
}
trap stop_all EXIT

open_terminal() { # NAME
  local fifo=$home/.terminals/$1
  mkfifo "$fifo"
  env -i HOME="$home" PATH="$PATH" LANG=C.UTF-8 setsid bash -euo pipefail "$fifo" </dev/null &
  shells[$1]=$!
  exec {writer}>"$fifo"
  writers[$1]=$writer
}

# Types a block into a terminal and waits until it has finished.
type_block() { # NAME BLOCK
  local terminal=$1 mark=$home/.terminals/$1.done deadline=$((SECONDS + limit))
  [ -n "${shells[$terminal]:-}" ] || open_terminal "$terminal"
  sed "s/^/  $terminal\$ /" <<<"$2"
  rm -f "$mark"
  printf '%s\ntouch %q\n' "$2" "$mark" >&"${writers[$terminal]}"
  until [ -e "$mark" ]; do
    kill -0 "${shells[$terminal]}" 2>/dev/null || fail "a command of the terminal '$terminal' failed"
    [ $SECONDS -lt $deadline ] || fail "the terminal '$terminal' does not come to an end"
    sleep 0.1
  done
}

# The page's blocks; a separate line ends each.
blocks() {
  awk '/^<!-- run: .* -->$/ {name = $3; next}
    /^```sh$/ {if (name == "") {print "a block has no terminal" > "/dev/stderr"; exit 1} print "@" name; inside = 1; next}
    inside && /^```$/ {print "@@"; inside = 0; name = ""; next}
    inside {print}' "$page"
}

declare -A writers=()
count=0 terminal='' block=''
while IFS= read -r line; do
  case $line in
  @@) type_block "$terminal" "$block"; count=$((count + 1)) ;;
  @*) terminal=${line#@} block='' ;;
  *) block+=${block:+$'\n'}$line ;;
  esac
done < <(blocks)
[ "$count" -ge 16 ] || fail "only $count blocks of the page were found"

[ -s "$home/federation/lead/results/report.html" ] || fail "there is no report"
for model in fedavg local-north local-south; do
  [ -s "$home/federation/lead/results/models/$model.safetensors" ] || fail "the model '$model' is missing"
done
say "done: $count blocks in ${SECONDS} s"
