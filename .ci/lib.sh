# shellcheck shell=bash disable=SC2154
# Shared by start and check; sourced, with $root set to the repository. Installs packages, configures and builds.

say() { printf '%s\n' "$*"; }
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# missing_packages SECTION…: prints the packages of .ci/packages that are not installed.
missing_packages() {
    local installed line section='' package command wanted=" $* "
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
    while read -r line; do
        case $line in
        '' | '#'*) continue ;;
        '['*) section=${line//[\[\]]/} && continue ;;
        esac
        [[ $wanted == *" $section "* ]] || continue
        read -r package command <<<"$line"
        [[ -n $command ]] && command -v "$command" >/dev/null && continue
        [[ $'\n'$installed$'\n' == *$'\n'$package$'\n'* ]] || printf '%s\n' "$package"
    done <"$root/.ci/packages"
}

# install_packages SECTION…: calls apt-get only when something is missing, so that nothing needs the network otherwise.
install_packages() {
    local missing as_root=()
    command -v dpkg-query >/dev/null || {
        say "not a Debian system: assuming the packages of .ci/packages are there"
        return 0
    }
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    say "installing ${missing[*]}"
    if ((EUID != 0)); then
        command -v sudo >/dev/null || die "these packages are missing, and neither root nor sudo is here: ${missing[*]}"
        as_root=(sudo)
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${missing[@]}" ||
        die "apt-get could not install: ${missing[*]}"
}

# build DIR TARGETS MESON-OPTION…: configures once (again when the options changed), then builds what changed.
build() {
    local dir=$root/$1 targets=$2
    shift 2
    if [[ ! -f $dir/build.ninja || $(cat "$dir/.options" 2>/dev/null) != "$*" ]]; then
        local again=()
        [[ -f $dir/build.ninja ]] && again=(--reconfigure)
        meson setup "${again[@]}" "$dir" "$root" "$@"
        printf '%s' "$*" >"$dir/.options"
    fi
    # shellcheck disable=SC2086 # a list of targets
    ninja -C "$dir" $targets
}

# build_release TESTS [TARGETS]: with the programs of the tests, or without them and what they need. The two share what they compile.
build_release() {
    build build "${2-}" --buildtype=release -Dtests="$1"
}
