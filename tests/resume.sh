#!/usr/bin/env bash
# resume.sh PROGRAM KILLS: kills the example `resume` that often, at random moments while it writes a checkpoint after
# every batch. Each run must find a checkpoint it can go on from, and the last one must end with the weights, to the
# bit, of a run that was left alone.
set -euo pipefail
program=$1 kills=$2 steps=60
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
began=$(date +%s%N)
expected=$("$program" --dir "$folder/whole" --steps $steps | tail -1)
span=$(($(date +%s%N) - began)) # a run takes so long
ended=0 round=0 killed=0
while ((killed < kills)); do
    delay=$(printf '%d.%09d' 0 $((span * (RANDOM % 1000) / 1000 / 2 % 1000000000)))
    status=0
    hash=$(timeout -s KILL "$delay" "$program" --dir "$folder/$round" --steps $steps 2>"$folder/errors" | tail -1) || status=$?
    if ((status == 137)); then
        killed=$((killed + 1))
    elif ((status != 0)); then
        echo "resume: expected to go on after $killed kills, got status $status" >&2
        cat "$folder/errors" >&2
        exit 1
    elif [ "$hash" != "$expected" ]; then
        echo "resume: expected the weights $expected after $killed kills, got $hash" >&2
        exit 1
    else
        ended=$((ended + 1)) round=$((round + 1))
        rm -rf "${folder:?}/$((round - 1))"
    fi
done
hash=$("$program" --dir "$folder/$round" --steps $steps | tail -1)
[ "$hash" = "$expected" ] || { echo "resume: expected the weights $expected at the end, got $hash" >&2; exit 1; }
echo "killed $killed times, ended $((ended + 1)) times, always with the weights $expected"
