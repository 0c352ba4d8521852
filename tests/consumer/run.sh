#!/usr/bin/env bash
# run.sh BUILD: a project that uses the library, built and run in every way there is: installed, as a subdirectory, and
# fetched as a shared library. BUILD is a build folder of the library; the others stand beside it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
beside=$(cd "$1/.." && pwd)
launcher=$(command -v ccache || true)

# Not optimized: what counts is that it builds. ccache gives the second build from source what the first made.
try() {
    local folder=$beside/consumer_$1
    rm -rf "$folder"
    cmake -S "$here" -B "$folder" -G Ninja -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DXGRAD_SOURCE="$source" \
        -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O0 -fpch-preprocess" "${@:2}" >/dev/null
    cmake --build "$folder" >/dev/null
    "$folder/app"
    echo "$1: built and ran"
}

installed=$(mktemp -d)
trap 'rm -rf "$installed"' EXIT
cmake --install "$1" --prefix "$installed" >/dev/null
try installed -DCMAKE_PREFIX_PATH="$installed"
try subdirectory -DHOW=subdirectory
try fetched_shared -DHOW=fetched -DBUILD_SHARED_LIBS=ON
[[ $(ldd "$beside/consumer_fetched_shared/app") == *libxgrad.so* ]]  # no pipe: grep -q would end ldd early, a failure now and then
