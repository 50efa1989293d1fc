#!/usr/bin/env bash
# Tests the output of `make dist` on bare Debian machines: the archives on one machine without any packages, then the packages on three
# machines: a coordinator and two hospitals. Each machine is a container with its own systemd. It runs the commands of the README's
# section "Across hospitals", word for word. The study lead works on the coordinator's machine. The result must equal the simulator's,
# byte for byte.
#
#   Scripts/dist-check.sh          as root; fetches Debian packages from the mirror that this machine uses
#
# The environment may name DIST, the folder with archives and packages, and ROOTS, a folder for the machines, which is kept.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly dist=$(realpath "${DIST:-dist}")
readonly roots=$(realpath -m "${ROOTS:-$(mktemp -d)}")
readonly network=consilium-check-$$
readonly machines=(coordinator north south)
readonly readme=$PWD/README.md
study=

say() { printf '\ndist-check: %s\n' "$*"; }
fail() { printf 'dist-check: %s\n' "$*" >&2; exit 1; }

stop_all() {
  local machine pid
  for machine in "${machines[@]}"; do
    pid=$(cat "$roots/$machine.pid" 2>/dev/null) || continue
    kill -KILL "$(init_of "$machine")" "$pid" 2>/dev/null || true
    rm -f "$roots/$machine.pid"
  done
  wait 2>/dev/null || true
  ip netns del "$network" 2>/dev/null || true
  for machine in bare "${machines[@]}"; do ! mountpoint -q "$roots/$machine" || umount -l "$roots/$machine"; done
  [ -n "${ROOTS:-}" ] || rm -rf "$roots"
}

# The mirror from which this machine gets its Debian packages.
mirror() {
  apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' | awk '$2 == "bookworm" {print $1; exit}'
}

# A bare Debian, of which every machine is a copy; and the same with systemd, as on a real machine.
make_roots() {
  if [ ! -e "$roots/base.done" ]; then
    say "a bare Debian root"
    rm -rf "$roots/base"
    debootstrap --variant=minbase bookworm "$roots/base" "$(mirror)" >"$roots/debootstrap.log" ||
      { tail -n 5 "$roots/debootstrap.log" >&2; fail "debootstrap failed"; }
    touch "$roots/base.done"
  fi
  if [ ! -e "$roots/machine.done" ]; then
    rm -rf "$roots/machine"
    cp -a "$roots/base" "$roots/machine"
    echo 'APT::Get::Assume-Yes "true";' >"$roots/machine/etc/apt/apt.conf.d/90check"
    spawn machine apt-get -qq update
    spawn machine env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends systemd-sysv dbus >/dev/null
    touch "$roots/machine.done"
  fi
}

# Runs a command in a root that is not booted, with this machine's network and the packages in the current folder.
spawn() { # ROOT COMMAND...
  local root=$roots/$1
  shift
  systemd-nspawn --quiet --register=no --keep-unit --pipe -D "$root" --bind-ro="$dist:/root/dist" --chdir=/root/dist "$@"
}

copy_root() { # OF AS
  mkdir -p "$roots/$2" "$roots/.$2/upper" "$roots/.$2/work"
  rm -rf "$roots/.$2"/upper/* "$roots/.$2"/work/*
  mount -t overlay overlay -o "lowerdir=$roots/$1,upperdir=$roots/.$2/upper,workdir=$roots/.$2/work" "$roots/$2"
}

# The README's commands for PARTY after its N-th mark, exactly as written.
block() { # PARTY N
  awk -v mark="<!-- run: $1 -->" -v number="$2" '
    $0 == mark {seen++}
    seen == number && /^```$/ {exit}
    seen == number && inside {print}
    seen == number && /^```sh$/ {inside = 1}' "$readme" | sed "s/\bID\b/$study/g"
}

init_of() { pgrep -P "$(cat "$roots/$1.pid")" | head -1; }

# Runs the commands from standard input in a booted machine.
enter() { # MACHINE USER FOLDER
  local commands
  commands=$(cat)
  [ -n "$commands" ] || fail "the README has no such commands"
  sed "s/^/  $1 ${2/root/#} /" <<<"$commands" >&2
  nsenter -t "$(init_of "$1")" -m -u -i -n -p -C -r -w env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    runuser -u "$2" -- env HOME="$3" bash -euo pipefail -c "cd '$3'; $commands"
}

at_coordinator() { block coordinator "$1" | enter coordinator consilium /var/lib/consilium; }
at_lead() { { [ "$1" -le 3 ] || echo "export CONSILIUM_COORDINATOR=coordinator.example.org"; block lead "$1"; } | enter coordinator lead /home/lead; }
at_hospital() { # SITE N
  { [ "$2" -le 3 ] || echo "set -a; . /etc/consilium/site.env; set +a"; block hospital "$2"; } | sed "s/\bnorth\b/$1/g" |
    enter "$1" consilium /var/lib/consilium
}
as_root() { block "$2 root" 1 | enter "$1" root /root; } # MACHINE PARTY

# Copies a file from one party to another, as they would send it by e-mail.
carry() { # FROM FILE TO FILE OWNER
  install -m 644 "$roots/$1/$2" "$roots/$3/$4"
  chroot "$roots/$3" chown "$5:" "/$4"
}

boot() { # MACHINE
  systemd-nspawn --quiet --register=no --keep-unit --boot --console=pipe -D "$roots/$1" --machine="check-$1" \
    --network-namespace-path="/run/netns/$network" </dev/null >"$roots/$1.console" 2>&1 &
  echo $! >"$roots/$1.pid"
  disown
  for _ in $(seq 600); do
    [ -n "$(init_of "$1")" ] && nsenter -t "$(init_of "$1")" -m -p -C -r systemctl is-system-running 2>/dev/null |
      grep -q 'running\|degraded' && return
    sleep 0.2
  done
  tail -n 20 "$roots/$1.console" >&2
  fail "the machine '$1' does not start"
}

[ "$(id -u)" -eq 0 ] || fail "this needs root, for debootstrap and containers"
for tool in debootstrap:debootstrap systemd-nspawn:systemd-container nsenter:util-linux ip:iproute2; do
  command -v "${tool%:*}" >/dev/null || fail "${tool%:*} is missing; run: apt-get install ${tool#*:}"
done
for file in "$dist"/consilium_*.deb "$dist"/consilium-engine_*.deb "$dist"/SHA256SUMS; do
  [ -e "$file" ] || fail "'$file' is not there; run 'make dist' first"
done
(cd "$dist" && sha256sum --quiet -c SHA256SUMS)
mkdir -p "$roots"
trap stop_all EXIT
make_roots

say "the archives, with nothing installed"
copy_root base bare
for archive in "$dist"/*.tar.gz; do tar -C "$roots/bare/opt" -xzf "$archive"; done
spawn bare bash -euc '
  for program in /opt/*/bin/*; do ! ldd $program | grep "not found"; done
  mv /opt/consilium-front-* /srv/elsewhere
  /srv/elsewhere/bin/consilium --version
  cd /tmp
  /opt/consilium-*/bin/consilium data phantom --out data
  sed "s/rounds: 3/rounds: 1/" /opt/consilium-*/share/consilium/examples/two-hospitals/study.yaml >study.yaml
  cp /opt/consilium-*/share/consilium/examples/two-hospitals/sites.yaml .
  /opt/consilium-*/bin/consilium simulate study.yaml --data data --arms fedavg --out run --quiet
  test -s run/report.html'

say "1. install"
ip netns add "$network"
ip -n "$network" link set lo up
for machine in "${machines[@]}"; do
  copy_root machine "$machine"
  { echo 127.0.0.1 localhost coordinator.example.org; } >"$roots/$machine/etc/hosts"
  party=$([ "$machine" = coordinator ] && echo coordinator || echo hospital)
  spawn "$machine" env DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c "$(block "$party install" 1)" >"$roots/$machine.log" 2>&1 ||
    { tail -n 20 "$roots/$machine.log" >&2; fail "the packages do not install at $machine"; }
  echo "  $machine: $(chroot "$roots/$machine" dpkg-query -W -f '${Package} ${Version}  ' 'consilium*')"
done
chroot "$roots/coordinator" useradd -m lead
for machine in "${machines[@]}"; do boot "$machine"; done

say "2.-5. keys, certificates, services"
at_lead 1
at_coordinator 1
carry coordinator var/lib/consilium/identity/request.csr coordinator home/lead/hub.csr lead
for site in north south; do
  at_hospital "$site" 1
  carry "$site" var/lib/consilium/identity/request.csr coordinator "home/lead/$site.csr" lead
done
at_lead 2
carry coordinator home/lead/hub.crt coordinator var/lib/consilium/hub.crt consilium
at_coordinator 2
as_root coordinator coordinator
for site in north south; do
  carry coordinator "home/lead/$site.crt" "$site" "var/lib/consilium/$site.crt" consilium
  at_hospital "$site" 2 >/dev/null
  as_root "$site" hospital
done

say "6.-9. a study"
study=$(at_lead 3 | tail -1)
for site in north south; do at_hospital "$site" 3; done
at_lead 4
for site in north south; do at_hospital "$site" 4; done

say "the rights of the services"
for machine in "${machines[@]}"; do
  unit=consilium-$([ "$machine" = coordinator ] && echo coordinator || echo site)
  echo "systemctl is-active $unit; systemd-analyze security --no-pager $unit | tail -1; systemctl restart $unit; systemctl is-active $unit
    journalctl -q --no-pager -u $unit | tail -n 3" | enter "$machine" root /root 2>/dev/null
done

say "the same in the simulator"
install -D -m 644 "$roots/coordinator/home/lead/study.yaml" "$roots/north/srv/check/study.yaml"
chroot "$roots/north" chown -R consilium: /srv/check
enter north consilium /srv/check <<<"consilium simulate study.yaml --sites /usr/share/consilium/examples/two-hospitals/sites.yaml \
  --data /srv/data --arms local,fedavg --out simulated --quiet"
for model in fedavg local-north local-south; do
  cmp "$roots/north/srv/check/simulated/models/$model.safetensors" "$roots/coordinator/home/lead/results/models/$model.safetensors" ||
    fail "'$model' is not the simulator's"
  echo "  $model: the same, byte for byte"
done

say "removal keeps keys and logs"
for machine in coordinator north; do
  echo "apt-get -qq purge consilium >/dev/null; test -e /var/lib/consilium/identity/identity.key; test ! -e /etc/consilium" |
    enter "$machine" root /root
done
say "done"
