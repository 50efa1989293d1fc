#!/usr/bin/env bash
# Installs the dependencies that are not part of the repository; safe to repeat.
#
#   Scripts/setup.sh          Debian packages, and libtorch for the CPU under .deps/libtorch
#   Scripts/setup.sh --cuda   the same with CUDA, for training on a GPU (about 2.4 GB to download)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly packages=(
  ca-certificates g++ git make unzip libgdcm-dev libjpeg-dev libopenjp2-7-dev libpng-dev
  libsqlite3-dev zlib1g-dev
)
# What 'consilium anchor run' starts. The build does not need it; without it, the tests of anchors are skipped.
readonly anchor_packages=(etcd-server)
# The packages that the Swift toolchain itself needs to start.
readonly swift_packages=(libcurl4-openssl-dev libncurses-dev libxml2-dev)
readonly torch_version=2.13.0
readonly libtorch=.deps/libtorch
scratch=

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

check_platform() {
  [ "$(uname -sm)" = "Linux x86_64" ] ||
    fail "this is $(uname -sm); Consilium builds on Linux x86_64 (Debian 12, Ubuntu 24.04)"
  command -v dpkg-query >/dev/null || fail "dpkg is not here; Consilium is set up on Debian 12 or Ubuntu 24.04"
}

# Installs those of the named Debian packages that are missing.
install_packages() {
  local missing=() package as_root=
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    as_root=$(command -v sudo) ||
      fail "these packages are missing: ${missing[*]}. Run as root: apt-get install ${missing[*]}"
  fi
  say "installing Debian packages: ${missing[*]}"
  local apt=($as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
}

# Installs etcd if that is possible.
install_etcd() {
  local as_root=
  command -v etcd >/dev/null && return 0
  (install_packages "${anchor_packages[@]}") || { say "going on without etcd: the tests of anchors are skipped"; return 0; }
  # Debian's package starts a service of its own, which an anchor does not use.
  [ "$(id -u)" -eq 0 ] || as_root=sudo
  [ ! -d /run/systemd/system ] || $as_root systemctl disable --now --quiet etcd
}

check_swift() {
  local version
  command -v swift >/dev/null ||
    fail "Swift is not on the PATH; install Swift 6.2 or later from https://swift.org/install"
  swift --version >/dev/null 2>&1 || install_packages "${swift_packages[@]}"
  version=$(swift --version 2>&1) || fail "Swift does not start: $version"
  version=$(sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' <<<"$version" | head -1)
  [ "$(printf '%s\n' 6.2 "$version" | sort -V | head -1)" = 6.2 ] ||
    fail "Swift $version is too old; install Swift 6.2 or later from https://swift.org/install"
}

# Downloads the wheels of a requirements file; pip refuses a wheel with a digest other than the stated one.
# The wheels for all Python versions contain the same libtorch, so one version is named, and the installed Python does not matter.
download_wheels() {
  python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps --only-binary=:all: \
    --implementation cp --python-version 311 --require-hashes \
    --dest "$scratch/wheels" --requirement "Scripts/libtorch/$1.txt"
}

# Unpacks the parts of the wheels that C++ needs into $scratch/libtorch.
unpack_wheels() {
  local wheel
  mkdir -p "$scratch/libtorch/lib"
  unzip -q "$scratch"/wheels/torch-*.whl 'torch/include/*' 'torch/lib/*.so*' -d "$scratch"
  mv "$scratch/torch/include" "$scratch/libtorch/include"
  for wheel in "$scratch"/wheels/nvidia_*.whl; do
    [ -e "$wheel" ] && unzip -qjo "$wheel" '*/lib/*.so*' -d "$scratch/libtorch/lib"
  done
  (cd "$scratch/torch/lib" && rm -f libtorch_python.so libshm.so libaoti_custom_ops.so libtorchbind_test.so \
    libbackend_with_compiler.so libjitbackend_test.so)
  if [ "$1" = pypi ]; then
    # PyPI's libtorch.so only names the CPU part and the CUDA part. Replace it by a linker script that names the CPU part alone.
    (cd "$scratch/torch/lib" && rm -f libtorch_cuda*.so libtorch_nvshmem.so libc10_cuda.so libcaffe2_nvrtc.so)
    echo 'INPUT(-ltorch_cpu)' >"$scratch/torch/lib/libtorch.so"
    find "$scratch/libtorch/lib" -type f ! -name 'libcudart.so*' ! -name 'libcupti.so*' -delete
  fi
  mv "$scratch"/torch/lib/* "$scratch/libtorch/lib/"
}

# Fetches libtorch and installs it in one step, so that an interrupted set-up leaves nothing incomplete.
install_libtorch() {
  local flavour=$1 stamp
  stamp=$(cat "$libtorch/VERSION" 2>/dev/null) || true
  case "$flavour:$stamp" in
    "cuda:$torch_version cuda" | "any:$torch_version "*) return 0 ;;
  esac
  python3 -m pip --version >/dev/null 2>&1 || install_packages python3-pip
  mkdir -p .deps
  scratch=$(mktemp -d .deps/setup.XXXXXX)
  trap 'rm -rf "$scratch"' EXIT

  if [ "$flavour" = any ]; then
    say "fetching libtorch $torch_version for the CPU (about 190 MB)"
    if download_wheels cpu 2>"$scratch/log"; then
      flavour=cpu
    elif grep -q 'DO NOT MATCH THE HASHES' "$scratch/log"; then
      cat "$scratch/log" >&2
      fail "pip offers a torch $torch_version+cpu that is not the one this project was tested with"
    else
      say "pip offers no CPU wheel here; fetching PyPI's, of which only the CPU part is kept (about 540 MB)"
      flavour=pypi
      download_wheels pypi
    fi
  else
    say "fetching libtorch $torch_version with CUDA (about 2.4 GB)"
    download_wheels cuda
  fi

  say "unpacking libtorch to $libtorch"
  unpack_wheels "$flavour"
  echo "$torch_version $flavour" >"$scratch/libtorch/VERSION"
  [ ! -e "$libtorch" ] || mv "$libtorch" "$scratch/old"
  mv "$scratch/libtorch" "$libtorch"
}

case "$*" in
  '') flavour=any ;;
  --cuda) flavour=cuda ;;
  *) fail "unknown argument '$*'; usage: Scripts/setup.sh [--cuda]" ;;
esac
check_platform
install_packages "${packages[@]}"
install_etcd
check_swift
install_libtorch "$flavour"
say "ready: $(swift --version 2>/dev/null | grep -o 'Swift version [0-9.]*' | head -1), libtorch $(cat "$libtorch/VERSION")"
