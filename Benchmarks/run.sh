#!/usr/bin/env bash
# Compares Consilium with PyTorch: whole programs, then single training steps. Then measures a federation over
# the network, and the same in Flower and NVIDIA FLARE.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# PyTorch in a scratch environment; a CPU build if pip offers one.
readonly venv=.build/venv
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import torch, monai' 2>/dev/null; then
  echo "bench: installing PyTorch in Benchmarks/$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'torch==2.13.0+cpu' numpy pillow 2>/dev/null ||
    "$venv/bin/pip" install --quiet --disable-pip-version-check 'torch==2.13.0' numpy pillow
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps 'torchvision==0.28.0' 'monai==1.6.1'
fi

echo "bench: building"
# Remove the plan of an earlier build: it would miss files that were added to the project since.
rm -f .build/release.yaml
swift build --quiet -c release
"$venv/bin/python" programs.py
"$venv/bin/python" compare.py
"$venv/bin/python" network.py
exec python3 peers.py
