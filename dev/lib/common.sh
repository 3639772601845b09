# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What dev/run and dev/test share: messages, finding out what is missing, installing it.

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
name=${0##*/}
build=${UMSI_BUILD:-$top/build}
install=yes
missing=   # packages
missed=    # what each of them is wanted for, for the message

say()
{
    printf '%s: %s\n' "$name" "$*" >&2
}

die()
{
    say "$*"
    exit 1
}

debian_arch()
{
    dpkg --print-architecture 2>/dev/null || uname -m
}

# want COMMAND PACKAGE...: the packages bring a command that is not there.
want()
{
    command -v "$1" >/dev/null 2>&1 && return 0
    want_file "$@"
}

# want_file THING PACKAGE...: as want, when the caller has looked for the thing itself.
want_file()
{
    case " $missed " in *" $1 "*) ;; *) missed="$missed $1" ;; esac
    shift
    for package; do
        case " $missing " in *" $package "*) ;; *) missing="$missing $package" ;; esac
    done
}

# Does the compiler named first, with its options, find the header named second?
has_header()
{
    # shellcheck disable=SC2086 # a command with options
    printf '#include <%s>\n' "$2" | $1 -E -x c - >/dev/null 2>&1
}

as_root()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Install what want() collected, or say how.
install_missing()
{
    [ -n "$missing" ] || return 0
    say "missing:$missed"
    command="apt-get install --no-install-recommends$missing"
    if ! command -v apt-get >/dev/null 2>&1; then
        die "install them with your system's package manager (on Debian: $command)"
    fi
    if [ "$install" = no ]; then
        die "this would install them: $command"
    fi
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        die "to install them, run as root: $command"
    fi
    say "installing:$missing"
    quietly as_root apt-get -q update
    # shellcheck disable=SC2086 # a list of packages
    quietly as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y install --no-install-recommends $missing
    missing=
    missed=
}

# Run a command whose output matters only when it fails; then it is shown, and the script ends.
quietly()
{
    mkdir -p "$build" || exit 1
    output=$(mktemp "$build/output.XXXXXX") || exit 1
    if "$@" >"$output" 2>&1 </dev/null; then
        rm -f "$output"
    else
        cat "$output" >&2
        rm -f "$output"
        die "failed: $*"
    fi
}
