#!/usr/bin/env bash
# run.sh COMPILER FLAGS...: programs that must not compile, each with the sentence that the compiler has to say.
set -euo pipefail
cd "$(dirname "$0")"
failed=0
for program in *.cpp; do
    expected=$(sed -n '1s|^// expected: ||p' "$program")
    said=$("$@" -std=c++20 -fsyntax-only -I../.. "$program" 2>&1) && { echo "$program: expected no compilation"; failed=1; }
    [[ $said == *"$expected"* ]] || { printf '%s: expected "%s", got\n%s\n' "$program" "$expected" "$said"; failed=1; }
done
exit $failed
