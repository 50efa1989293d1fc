#!/usr/bin/env bash
# Trains a split model across a whole consortium on this machine: the sites keep the upper levels of a U-Net and the masks, and the coordinator's
# engine computes the rest. Processes are killed at random, and the models must be those of whole training in the simulator, byte for byte.
#
#   Scripts/split.sh [KILLS]        the number of processes killed with SIGKILL (default 6)
#
# With the glioma collection (in $CONSILIUM_DATA, otherwise ../shared/data), a short form of its study is used, otherwise the phantom's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly data=${CONSILIUM_DATA:-../shared/data} work=$(realpath -m "${WORK:-split-run}")
export CUT=${CUT:-level2} WORK=$work LIMIT=${LIMIT:-900}
rm -rf "$work"
mkdir -p "$work"
if [ -z "${STUDY:-}" ] && [ -d "$data/lgg-brain-mri" ]; then
  sed -e 's/^\( *\)rounds: .*/\1rounds: 2/' -e 's/baselines: .*/baselines: []/' -e 's/local-steps: .*/local-steps: 20/' -e 's/size: \[128, 128\]/size: [64, 64]/' \
    Examples/lgg-brain-mri/study.yaml >"$work/study.yaml"
  cp Examples/lgg-brain-mri/sites.yaml "$work/sites.yaml"
  export STUDY=$work/study.yaml SITES=$work/sites.yaml DATA=$data
fi
exec Scripts/federation.sh "${1:-6}"
