#!/usr/bin/env bash
# Builds the images of deploy/container and runs a consortium in them: a coordinator and two hospitals, with the commands in the
# container files' comments, word for word. During the study, containers are stopped, restarted and killed. The result must equal the
# simulator's, byte for byte.
#
#   Scripts/container-check.sh     as root; podman replaces docker, and a Debian made by debootstrap replaces debian:bookworm-slim
#
# Everything happens in separate namespaces and a temporary folder, so that nothing outlives the check. The environment may name DIST, the
# folder with the archives, and BASE, a folder with a bare Debian to use instead of a fresh one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly dist=$(realpath "${DIST:-dist}")
readonly examples=/usr/share/consilium/examples/two-hospitals
# The coordinator's machine: the name in the container files' comments, and an address reserved for documentation (RFC 5737).
readonly host=coordinator.example.org address=192.0.2.1
# Enough rounds to have time for stopping and killing.
readonly rounds=40
study=

say() { printf '\ncontainer-check: %s\n' "$*"; }
fail() { printf 'container-check: %s\n' "$*" >&2; exit 1; }

# MARK: The machine

# The mirror from which this machine gets its Debian packages.
mirror() {
  apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' | awk '$2 == "bookworm" {print $1; exit}'
}

# Runs the actual check in its own namespaces. Its mounts, processes and network settings end with them.
enclose() {
  local tool file
  [ "$(id -u)" -eq 0 ] || fail "this needs root, for debootstrap and containers"
  for tool in debootstrap:debootstrap podman:podman crun:crun ip:iproute2 iptables:iptables unshare:util-linux; do
    command -v "${tool%:*}" >/dev/null || fail "${tool%:*} is missing; run: apt-get install ${tool#*:}"
  done
  for file in "$dist"/consilium-front-*.tar.gz "$dist"/consilium-[0-9]*.tar.gz "$dist"/SHA256SUMS; do
    [ -e "$file" ] || fail "'$file' is not there; run 'make dist' first"
  done
  (cd "$dist" && sha256sum --quiet -c SHA256SUMS)
  work=$(mktemp -d) enclosed=
  trap clean_up EXIT
  if [ -z "${BASE:-}" ]; then
    say "a bare Debian root"
    debootstrap --variant=minbase bookworm "$work/base" "$(mirror)" >"$work/debootstrap.log" ||
      { tail -n 5 "$work/debootstrap.log" >&2; fail "debootstrap failed"; }
  fi
  tar -C "${BASE:-$work/base}" -cf "$work/base.tar" .
  rm -rf "$work/base"
  # Run it in the background: a shell that waits for a foreground command could not clean up when told to stop.
  unshare --mount --net --pid --fork --kill-child --mount-proc "$PWD/Scripts/container-check.sh" --enclosed "$work" </dev/null &
  enclosed=$!
  wait "$enclosed"
}

clean_up() {
  [ -z "$enclosed" ] || ! kill -KILL "$enclosed" 2>/dev/null || wait "$enclosed" 2>/dev/null || true
  # A process that was just killed may have created another file.
  rm -rf "$work" 2>/dev/null || { sleep 1; rm -rf "$work"; }
}

# Prepares the namespaces: a network, podman's settings, and a separate place for everything that podman and its helpers write.
furnish() {
  local folder
  ip link set lo up
  ip address add "$address/32" dev lo
  for folder in /run /srv /dev/shm; do mount -t tmpfs tmpfs $folder; done
  for folder in /var/lib /var/cache; do
    mkdir -p "$work/upper$folder" "$work/overlay$folder"
    mount -t overlay overlay -o "lowerdir=$folder,upperdir=$work/upper$folder,workdir=$work/overlay$folder" $folder
  done
  # crun accepts control groups of version 2, but no mixture of versions. The check uses no controllers.
  if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
    umount -R /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
  fi
  # This file replaces DNS: containers get its entries.
  printf '%s\n' "127.0.0.1 localhost" "$address $host" >"$work/hosts"
  mount --bind "$work/hosts" /etc/hosts
  printf '[aliases]\n"debian" = "docker.io/library/debian"\n' >"$work/registries.conf"
  # Podman's default limits are too high if root may not raise them, as in some virtual machines.
  printf '%s\n' '[containers]' 'cgroups = "disabled"' 'log_driver = "k8s-file"' \
    'default_ulimits = ["nofile=16384:16384", "nproc=16384:16384"]' \
    '[engine]' 'cgroup_manager = "cgroupfs"' 'events_logger = "none"' "image_copy_tmp_dir = \"$work/temporary\"" >"$work/containers.conf"
  export CONTAINERS_CONF=$work/containers.conf CONTAINERS_REGISTRIES_CONF=$work/registries.conf BUILDAH_ISOLATION=chroot
  export TMPDIR=$work/temporary
  mkdir "$work/network" "$TMPDIR"
}

podman() {
  command podman --root "$work/storage" --runroot "$work/run" --tmpdir "$work/tmp" --network-config-dir "$work/network" "$@"
}

docker() {
  local command=$1
  shift
  case $command in
    build) podman build --pull=never "$@" ;;
    # In docker's read-only containers nothing is writable; podman would leave /tmp and /run writable.
    run) podman run --pull=never --read-only-tmpfs=false "$@" ;;
    *) podman "$command" "$@" ;;
  esac
}

# MARK: The parties

# The N-th paragraph of commands in a container file's comments.
block() { # FILE N
  awk -v number="$2" '
    /^#   / {if (!inside) seen++; inside = 1; if (seen == number) print substr($0, 5); next}
    {inside = 0}' "deploy/container/Containerfile.$1"
}

# Runs such commands for a party, in its administrator's folder unless another is given. All parties are on one machine, so
# the container and the volume called consilium in the comments get the party's name instead.
follow() { # PARTY FILE N [FOLDER]
  local commands
  commands=$(block "$2" "$3" | sed -E -e "s/(--name |-v |exec |exec -i )consilium\b/\1$1/" -e "s/\bID\b/$study/g" -e "s# dist\$# $dist#")
  [ "$2" != site ] || commands=$(sed "s/\bnorth\b/$1/g" <<<"$commands")
  [ -n "$commands" ] || fail "Containerfile.$2 has no such commands"
  sed "s/^/  $1 # /" <<<"$commands"
  mkdir -p "$work/$1"
  quietly "$1" "cd '${4:-$work/$1}'; $commands"
}

# Runs commands and shows their output only if they fail.
quietly() { # PARTY COMMANDS
  local status
  set +e
  (set -e; eval "$2") >"$work/output" 2>&1
  status=$?
  set -e
  [ "$status" -eq 0 ] || { tail -n 20 "$work/output" >&2; fail "this failed at $1, with status $status"; }
}

# The study lead, who also runs the authority, uses the coordinator's image with a separate volume.
lead() { docker run --rm -e CONSILIUM_COORDINATOR=$host -v lead:/var/lib/consilium consilium-coordinator "$@"; }
at_lead() { quietly lead "lead $*"; }

take() { docker run --rm -v "$1:/var/lib/consilium" --entrypoint cat consilium-site "$2"; } # VOLUME FILE
put() { docker run --rm -i -v "$1:/var/lib/consilium" --entrypoint tee consilium-site "$2" >/dev/null; } # VOLUME FILE

# The authority answers a member's request.
certify() { # PARTY OPTION...
  local party=$1
  shift
  put lead "$party.csr" <"$work/$party/$party.csr"
  at_lead provision issue "$party.csr" --authority authority --out "$party.crt" "$@"
  take lead "$party.crt" >"$work/$party/$party.crt"
}

# Waits for the given number of further rounds.
await_rounds() { # N
  local last
  last=$(($(committed) + $1))
  for _ in $(seq 1200); do
    [ "$(committed)" -lt "$last" ] || return 0
    sleep 0.1
  done
  docker logs hub 2>&1 | tail -n 20 >&2
  fail "round $last does not come"
}
committed() { docker logs hub 2>&1 | grep -c '^round committed (arm fedavg,' || true; }

state() { docker inspect --format "{{.State.$2}}" "$1"; } # CONTAINER WHAT

stop() { # CONTAINER STATUS...
  local container=$1 begin=${EPOCHREALTIME/[.,]/} milliseconds
  shift
  docker stop "$container" >/dev/null
  milliseconds=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
  echo "  $container: stopped with status $(state "$container" ExitCode) in $milliseconds ms"
  [[ " $* " = *" $(state "$container" ExitCode) "* ]] && [ "$milliseconds" -lt 10000 ] || fail "'$container' does not stop as it should"
}

# MARK: The check

build_images() {
  local image
  say "the images"
  podman import --quiet "$work/base.tar" docker.io/library/debian:bookworm-slim >/dev/null
  follow hub coordinator 1 "$PWD"
  follow north site 1 "$PWD"
  podman images --sort repository --format '  {{.Repository}}:{{.Tag}}  {{.Size}}'
  for image in consilium-coordinator consilium-site; do
    echo "  $image: version $(docker run --rm $image --version), user $(docker run --rm --entrypoint id $image -u)"
    docker run --rm --entrypoint sh $image -c 'test "$(id -u)" = 10001 && test ! -s /etc/machine-id && test ! -e /run/systemd' ||
      fail "$image does not run as user 10001, or has what only systemd makes"
  done
}

found_consortium() {
  local site
  say "keys and certificates"
  at_lead provision init --consortium northern-brain --out authority
  at_lead provision enrol --role lead --name lead --out identity
  at_lead provision issue identity/request.csr --authority authority --out lead.crt
  at_lead provision install lead.crt --to identity
  follow hub coordinator 2
  certify hub --dns $host
  for site in north south; do
    follow "$site" site 2
    certify "$site"
  done

  say "coordinator and agents"
  follow hub coordinator 3
  install -d -o 10001 /srv/data
  quietly hospitals 'docker run --rm -v /srv/data:/data consilium-site data phantom --out /data'
  chown -R 0:0 /srv/data
  for site in north south; do
    # The generated hospitals have few patients.
    sed -i 's/minimum-patients: 10/minimum-patients: 1/' "$work/$site/policy.yaml"
    follow "$site" site 3
    follow "$site" site 4
  done
}

run_study() {
  local site container
  say "a study"
  docker run --rm --entrypoint cat consilium-coordinator $examples/study.yaml | sed "s/rounds: 3/rounds: $rounds/" >"$work/study.yaml"
  put lead study.yaml <"$work/study.yaml"
  study=$(lead study propose study.yaml --sites north,south | tail -1)
  for site in north south; do
    docker run --rm --entrypoint cat consilium-site $examples/$site.yaml >"$work/$site/site.yaml"
    follow "$site" site 5
  done
  at_lead study start "$study"

  say "stopping, restarting and killing containers"
  await_rounds 3
  stop north 0
  docker start north >/dev/null
  await_rounds 3
  docker restart hub >/dev/null
  echo "  hub: restarted"
  await_rounds 3
  for container in south hub; do
    kill -KILL "$(state $container Pid)"
    await_rounds 3
    [ "$(docker inspect --format '{{.RestartCount}}' $container)" -gt 0 ] || fail "'$container' was killed and not started again"
    echo "  $container: killed, and restarted automatically"
  done
  lead study watch "$study" | tail -1 | sed 's/^/  /'
}

compare() {
  local model site
  at_lead study results "$study" --out results
  at_lead model verify results/models/fedavg.safetensors --authority authority/authority.crt
  for site in north south; do
    quietly "$site" "docker exec $site consilium audit verify site/audit.log --authority identity/authority.crt"
  done

  say "the same in the simulator"
  put simulation study.yaml <"$work/study.yaml"
  quietly simulation "docker run --rm --read-only --tmpfs /tmp -v simulation:/var/lib/consilium -v /srv/data:/data:ro consilium-site \
    simulate study.yaml --sites $examples/sites.yaml --data /data --arms local,fedavg --out simulated --quiet"
  for model in fedavg local-north local-south; do
    take lead "results/models/$model.safetensors" >"$work/federated"
    take simulation "simulated/models/$model.safetensors" >"$work/simulated"
    cmp "$work/federated" "$work/simulated" || fail "'$model' is not the simulator's"
    echo "  $model: the same, byte for byte ($(stat -c %s "$work/federated") bytes)"
  done
}

# Repeats all steps of a container's process as process 1. This shows whether leftovers obstruct it.
restart_all() {
  local container
  say "restarting after the end of the study"
  for _ in 1 2 3; do
    for container in hub north south; do docker restart "$container" >/dev/null; done
  done
  sleep 3
  for container in hub north south; do
    [ "$(state "$container" Status)" = running ] && [ "$(docker inspect --format '{{.RestartCount}}' "$container")" -le 1 ] ||
      { docker logs "$container" 2>&1 | tail -n 3 | cut -c 1-400 >&2; fail "'$container' does not start again"; }
  done
  at_lead study results "$study" --out again
  echo "  the results are still there"
}

# Checks that no program failed because a path was read-only, missing or forbidden.
read_logs() {
  local container
  for container in hub north south; do
    docker logs "$container" >"$work/output" 2>&1
    [ "$container" = hub ] || docker exec "$container" sh -c 'cat site/studies/*/logs/*' >>"$work/output"
    ! grep -i 'read-only\|permission denied\|not permitted\|no such file\|warning' "$work/output" >&2 || fail "'$container' says so"
  done
}

if [ "${1:-}" = --enclosed ]; then
  readonly work=$2
  furnish
  build_images
  found_consortium
  run_study
  compare
  read_logs
  restart_all
  stop north 0
  stop south 0
  stop hub 0
  say "done"
else
  enclose
fi
