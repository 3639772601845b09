# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What runs on the host: the tests, and the demo as one program on the strict model, which takes a C compiler and
# nothing else. Uses $top, $build, $append of the caller.

host_tests=$build/host # where the tests are built, with sanitizers

configure_host()
{
    if [ ! -f "$host_tests/build.ninja" ]; then
        rm -rf "$host_tests"
        quietly meson setup "$host_tests" "$top" -Dtests=enabled -Dfw=enabled -Db_sanitize=address,undefined \
            -Dwerror=true -Dc_args=-fno-sanitize-recover=all
    fi
}

host_cc=${CC:-cc}
host_cflags=${CFLAGS:--O1 -g}
host_program=$build/demo-host/umsi-demo

host_sources()
{
    awk '!/^#/ && $1 != "fw" { print $2 }' sources.txt
    grep -L "^int main(" model/*.c # its example is a program of its own
    ls demo/host/*.c
    for part in gic_msi details exercise life report services subject work pci/capability pci/msi; do
        echo "demo/$part.c"
    done
}

host_compile()
{
    # shellcheck disable=SC2016 # for the inner shell
    xargs -n 8 -P "$(getconf _NPROCESSORS_ONLN || echo 1)" sh -c '
        compile=$0
        for source; do
            object=$(echo "${source%.c}.o" | tr / -)
            $compile -std=gnu11 -Iinclude -Imodel -c "$source" -o "$UMSI_OBJECTS/$object" || exit 255
        done' "$stamp" <"$build/demo-host/sources"
}

# Everything is compiled again when anything has changed: it takes seconds, and needs no build system.
host_build()
{
    cd "$top" || exit 1
    want "$host_cc" gcc libc6-dev
    install_missing
    stamp="$host_cc $host_cflags"
    if [ "$(cat "$host_program.by" 2>/dev/null)" = "$stamp" ] &&
        [ -z "$(find src include model demo sources.txt dev/lib/host.sh -newer "$host_program" 2>&1 | head -n 1)" ]; then
        return
    fi
    say "building umsi-demo with $host_cc"
    rm -rf "$build/demo-host"
    mkdir -p "$build/demo-host"
    host_sources >"$build/demo-host/sources"
    UMSI_OBJECTS=$build/demo-host
    export UMSI_OBJECTS
    quietly host_compile
    # shellcheck disable=SC2086 # a command with options
    quietly $stamp -o "$host_program" "$build"/demo-host/*.o
    printf '%s\n' "$stamp" >"$host_program.by"
}

host_run()
{
    host_build
    # shellcheck disable=SC2086 # words, or nothing
    exec "$host_program" $append
}
