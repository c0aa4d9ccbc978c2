#!/bin/sh
# Draws strip.png from the demo products' presets, and sheet.png, all of one product:
#   docs/pictures/draw.sh [BUILD_FOLDER]
# Every picture is `cordwain render` of one preset; join.py only cuts and joins. Needs jq and python3.
set -eu
cd "$(dirname "$0")/../.."
cordwain=${1:-build}/cordwain
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# draw NAME PRODUCT PRESET VIEW WIDTH [CHANGES]: one preset of a demo product, as $folder/NAME.png; CHANGES is JSON
draw() {
    file=schemas/products/$2.json
    changes='{}'
    [ $# -lt 6 ] || changes=$6
    jq -r --arg preset "$3" --argjson changes "$changes" '
        .presets[] | select(.id == $preset) | .selections + $changes | to_entries[]
        | "\(.key)=\(.value | if type == "array" then join(",") else tostring end)"' "$file" > "$folder/pairs"
    name=$1 view=$4 width=$5
    set --
    while IFS= read -r pair; do
        set -- "$@" -s "$pair"
    done < "$folder/pairs"
    CORDWAIN_LOG=warn "$cordwain" render --product "$file" --data "$folder/data" --view "$view" --width "$width" \
        --format png "$@" -o "$folder/$name.png"
}

draw 1 court-sneaker orchard three_quarter 445
draw 2 court-sneaker lacquer heel 440
draw 3 court-sneaker dusk side 450
draw 4 bottle isfahan front 400
draw 5 bottle water-lily front 400
draw 6 bottle spring front 400
draw 7 bottle jiangnan front 400
draw 8 gift-tag midnight front 385
draw 9 gift-tag nowruz front 385
draw 10 gift-tag market front 385
"$cordwain" render --sheet docs/pictures/sheet.png --data "$folder/data" --width 150 schemas/products/court-sneaker.json
cd "$folder"
python3 "$OLDPWD/docs/pictures/join.py" "$OLDPWD/docs/pictures/strip.png" 360 \
    1.png:370 2.png:232 3.png:404 4.png:110 5.png:110 6.png:110 7.png:110 8.png:200 9.png:200 10.png:200
