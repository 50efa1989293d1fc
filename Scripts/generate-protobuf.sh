#!/usr/bin/env bash
# Regenerates the Swift files of the folders Protos under Sources. They are part of the repository, so builds do not need this script.
#
# Needs Debian's protobuf-compiler. The two plugins are built from the packages on which the project depends.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v protoc >/dev/null || {
  echo "generate-protobuf: protoc is missing; install the Debian package protobuf-compiler" >&2
  exit 1
}
for plugin in protoc-gen-swift protoc-gen-grpc-swift-2; do swift build --product "$plugin"; done
bin=$(swift build --show-bin-path)
# The second argument is an option of the plugin for gRPC: which halves it writes.
generate() (
  cd "Sources/$1"
  rm -rf Generated
  mkdir Generated
  protoc -IProtos --plugin="$bin/protoc-gen-swift" --plugin="$bin/protoc-gen-grpc-swift-2" \
    --swift_out=Visibility=Internal:Generated --grpc-swift-2_out="Visibility=Internal,$2:Generated" \
    $(find Protos -name '*.proto' -printf '%P\n' | sort)
)
generate FederatedTransport Server=true
generate Etcd Server=false
