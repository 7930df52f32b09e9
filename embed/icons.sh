#!/bin/sh
# Renders the PNG icons from the two drawings in embed/art with rsvg-convert (librsvg2-bin).
# What it writes is committed; run it only after a drawing has changed.
set -eu
cd "$(dirname "$0")"
out=web/root
render() { rsvg-convert --width "$3" --height "$3" "art/$1" --output "$out/$2"; }
render icon.svg icon-192.png 192
render icon.svg icon-512.png 512
render icon.svg maskable-512.png 512 # the mark stays inside the middle 80 %, so one drawing serves both
render icon.svg apple-touch-icon.png 180
render badge.svg badge-96.png 96
cp art/icon.svg "$out/favicon.svg"
