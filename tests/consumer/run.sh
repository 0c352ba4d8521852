#!/usr/bin/env bash
# run.sh BUILD: installs the library of that build folder, then builds and runs a project that uses it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$1" --prefix "$folder/installed" >/dev/null
cmake -S "$(dirname "$0")" -B "$folder/build" -G Ninja -DCMAKE_PREFIX_PATH="$folder/installed" >/dev/null
cmake --build "$folder/build"
"$folder/build/app"
