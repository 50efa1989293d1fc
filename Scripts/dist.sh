#!/usr/bin/env bash
# Creates packages for machines without a compiler, in dist/: two relocatable archives and two Debian packages, each with and
# without the engine, and their SHA-256.
#
#   Scripts/dist.sh        makes a separate release build with the Swift runtime linked in (.build-dist)
#
# The environment may name BIN, a folder with a build to use instead, and OUT, another folder instead of dist.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly scratch=.build-dist
readonly out=${OUT:-dist}
readonly packages=(dpkg-dev libcurl4-openssl-dev patchelf)
# Libraries that every Debian and Ubuntu machine has, and that must match its kernel and loader: never bundled.
readonly given=(libc6 libgcc-s1 libstdc++6)
version=$(sed -n 's/.*version: "\([0-9][0-9.]*\)".*/\1/p' Sources/ConsiliumCommands/Consilium.swift)
readonly version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf 'dist: %s\n' "$*"; }
fail() { printf 'dist: %s\n' "$*" >&2; exit 1; }

build() {
  [ -z "${BIN:-}" ] || return 0
  say "building for release, the Swift runtime linked in"
  swift build -c release --static-swift-stdlib --scratch-path "$scratch" --product consilium
  swift build -c release --static-swift-stdlib --scratch-path "$scratch" --product consilium-worker
}

# The libraries that the files need, including indirect ones, one per line: `NAME PATH PACKAGE`. PACKAGE is the library's Debian
# package, or `-` if it has none. Libraries that every machine has are left out.
libraries() {
  local name path package
  ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// {print $1, $3}' | sort -u | while read -r name path; do
    package=$(dpkg -S "$(realpath "$path")" 2>/dev/null || dpkg -S "$path" 2>/dev/null || true)
    package=${package%%:*}
    [[ " ${given[*]} " == *" ${package:--} "* ]] || echo "$name $path ${package:--}"
  done
}

# Copies a library into a folder, without debug information. The copy finds other libraries in the same folder.
bundle() { # FOLDER NAME PATH
  mkdir -p "$1"
  install -m 644 "$(realpath "$3")" "$1/$2"
  strip --strip-unneeded "$1/$2"
  [ "$(patchelf --print-rpath "$1/$2")" = '$ORIGIN' ] || patchelf --set-rpath '$ORIGIN' "$1/$2"
}

# Copies a program into a tree. The copy finds the bundled libraries wherever the tree is.
program() { # PREFIX NAME
  install -D -m 755 "$bin/$2" "$1/bin/$2"
  strip "$1/bin/$2"
  patchelf --set-rpath '$ORIGIN/../lib/consilium' "$1/bin/$2"
}

# Collects the licences of everything that is linked in or bundled.
licences() { # FOLDER [PACKAGE...]
  local folder=$1 file name
  shift
  mkdir -p "$folder"
  for file in "$checkouts"/*/LICENSE* "$checkouts"/*/NOTICE*; do
    [ -f "$file" ] || continue
    name=$(basename "$(dirname "$file")")
    install -m 644 "$file" "$folder/$name-$(basename "$file" .txt).txt"
  done
  for name in "$@"; do
    [ ! -f "/usr/share/doc/$name/copyright" ] || install -m 644 "/usr/share/doc/$name/copyright" "$folder/$name.txt"
  done
}

# The shell completions, as the program generates them.
completions() { # SHARE
  local shell file
  for file in bash:bash-completion/completions/consilium zsh:zsh/vendor-completions/_consilium fish:fish/vendor_completions.d/consilium.fish; do
    shell=${file%%:*} file=$1/${file#*:}
    mkdir -p "$(dirname "$file")"
    "$bin/consilium" --generate-completion-script "$shell" >"$file"
  done
}

# The files that accompany the program in every form: documents, examples, settings to copy.
shared() { # PREFIX
  local doc=$1/share/doc/consilium share=$1/share/consilium
  mkdir -p "$doc" "$share"
  install -m 644 README.md CHANGELOG.md Documentation/{Federation,OneMachine,Dashboard,JSON}.md "$doc"
  cp -R Documentation/Schemas "$doc/Schemas"
  completions "$1/share"
  install -m 644 deploy/README.md "$doc/deploy.md"
  cp -R Examples "$share/examples"
  install -m 644 deploy/etc/policy.yaml "$share/policy.yaml"
  cp -R deploy/prometheus "$share/prometheus"
  chmod -R u=rwX,go=rX "$share"
}

archive() { # NAME PROGRAM...
  local name=$1 root=$work/$1 used=() line
  shift
  local program
  for program in "$@"; do program "$root" "$program"; done
  mapfile -t used < <(libraries "${@/#/$bin/}")
  for line in "${used[@]}"; do
    set -- $line
    bundle "$root/lib/consilium" "$1" "$2"
  done
  shared "$root"
  licences "$root/share/doc/consilium/licences" $(printf '%s\n' "${used[@]}" | awk '$3 != "-" {print $3}' | sort -u)
  install -m 644 LICENSE deploy/debian/copyright "$root/share/doc/consilium"
  mkdir -p "$root/share/consilium/deploy"
  cp -R deploy/systemd deploy/etc deploy/container "$root/share/consilium/deploy"
  tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" -cf - "$name" | gzip -6n >"$out/$name.tar.gz"
  rm -rf "$root"
}

# Completes a package's tree with its dependencies and control files, and builds the package.
package() { # NAME ROOT PROGRAM
  local name=$1 root=$2 program=$3 depends size binaries
  mkdir -p "$root/DEBIAN" "$work/source/debian"
  cp deploy/debian/control "$work/source/debian/control"
  mapfile -t binaries < <(find "$root/usr/bin/$program" "$root/usr/lib/consilium" -type f 2>/dev/null)
  depends=$(cd "$work/source" && dpkg-shlibdeps -O --ignore-missing-info -l"$work/front/usr/lib/consilium" \
    -l"$root/usr/lib/consilium" "${binaries[@]}" 2>"$work/shlibdeps.log") ||
    { cat "$work/shlibdeps.log" >&2; fail "dpkg-shlibdeps cannot tell what $program needs"; }
  size=$(du -sk --exclude=DEBIAN "$root" | cut -f1)
  {
    echo "Package: $name"
    echo "Version: $version"
    echo "Source: consilium"
    awk -v name="$name" 'BEGIN {RS = ""; FS = "\n"} $1 == "Source: consilium" {for (i = 2; i <= 4; i++) if ($i !~ /^Standards/) print $i}' \
      deploy/debian/control
    echo "Installed-Size: $size"
    awk -v name="$name" 'BEGIN {RS = ""; FS = "\n"} $1 == "Package: " name {for (i = 2; i <= NF; i++) print $i}' \
      deploy/debian/control |
      sed -e "s/\${shlibs:Depends}/${depends#shlibs:Depends=}/" -e "s/\${version}/$version/g"
  } >"$root/DEBIAN/control"
  (cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  chmod -R u=rwX,go=rX "$root"
  find "$root" -newermt "@$epoch" -exec touch -h -d "@$epoch" {} +
  SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group -Zxz -z1 --build "$root" "$out/${name}_${version}_amd64.deb" >/dev/null
}

documents() { # ROOT NAME
  local doc=$1/usr/share/doc/$2
  mkdir -p "$doc"
  install -m 644 deploy/debian/copyright "$doc/copyright"
  printf 'consilium (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md of the package consilium.\n\n -- %s  %s\n' "$version" \
    "$(sed -n 's/^Maintainer: //p' deploy/debian/control)" "$(date -u -R -d "@$epoch")" | gzip -9n >"$doc/changelog.gz"
}

# The main program alone, with the services: for the coordinator and the study lead.
front_package() {
  local root=$work/front line script
  program "$root/usr" consilium
  while read -r line; do
    set -- $line
    [ "$3" != - ] || bundle "$root/usr/lib/consilium" "$1" "$2"
  done < <(libraries "$bin/consilium")
  [ -d "$root/usr/lib/consilium" ] || patchelf --remove-rpath "$root/usr/bin/consilium"
  shared "$root/usr"
  documents "$root" consilium
  licences "$root/usr/share/doc/consilium/licences"
  install -D -m 644 -t "$root/usr/lib/systemd/system" deploy/systemd/*.service
  install -D -m 644 -t "$root/etc/consilium" deploy/etc/coordinator.env deploy/etc/site.env
  mkdir -p "$root/DEBIAN"
  printf '/etc/consilium/%s\n' coordinator.env site.env >"$root/DEBIAN/conffiles"
  for script in postinst prerm postrm; do
    install -m 755 "deploy/debian/consilium.$script" "$root/DEBIAN/$script"
  done
  package consilium "$root" consilium
}

# The engine and libtorch, which a site needs in addition.
engine_package() {
  local root=$work/engine line
  program "$root/usr" consilium-worker
  while read -r line; do
    set -- $line
    [ "$3" != - ] || [ -e "$work/front/usr/lib/consilium/$1" ] || bundle "$root/usr/lib/consilium" "$1" "$2"
  done < <(libraries "$bin/consilium-worker")
  documents "$root" consilium-engine
  package consilium-engine "$root" consilium-worker
}

[ "$(uname -sm)" = "Linux x86_64" ] || fail "this is $(uname -sm); packages are made on Linux x86_64"
for tool in dpkg-shlibdeps:dpkg-dev patchelf:patchelf; do
  command -v "${tool%:*}" >/dev/null || fail "${tool%:*} is missing; run as root: apt-get install ${packages[*]}"
done
[ -n "${BIN:-}" ] || [ -e /usr/lib/x86_64-linux-gnu/libcurl.so ] ||
  fail "libcurl's link is missing, which the Swift runtime needs; run as root: apt-get install ${packages[*]}"
[ -n "$version" ] || fail "cannot read the version from Sources/ConsiliumCommands/Consilium.swift"
build
bin=$(realpath "${BIN:-$scratch/release}")
checkouts=$([ -z "${BIN:-}" ] && echo "$scratch/checkouts" || echo .build/checkouts)
epoch=$(git log -1 --format=%ct)
readonly bin checkouts epoch
ldd "$bin/consilium" | grep -q 'libtorch\|libc10' && fail "the main program needs libtorch, which only the engine may need"

rm -rf "$out"
mkdir -p "$out"
say "archives"
archive "consilium-front-$version-linux-x86_64" consilium
archive "consilium-$version-linux-x86_64" consilium consilium-worker
say "Debian packages"
front_package
engine_package
(cd "$out" && sha256sum -- *.tar.gz *.deb >SHA256SUMS)
(cd "$out" && ls -l --block-size=1 -- * | awk '{printf "  %12d  %s\n", $5, $NF}')
