# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# umsi-audit, built from this tree. Uses $top, $build of the caller; leaves the program's path in $audit.

audit_folder=$build/audit
audit=$audit_folder/audit/umsi-audit

want_audit()
{
    want gcc gcc libc6-dev
    want meson meson
    want ninja ninja-build
    want pkg-config pkg-config
    command -v gcc >/dev/null 2>&1 && has_header gcc zlib.h || want_file zlib.h zlib1g-dev
    command -v gcc >/dev/null 2>&1 && has_header gcc lzma.h || want_file lzma.h liblzma-dev
}

build_audit()
{
    if [ ! -f "$audit_folder/build.ninja" ]; then
        rm -rf "$audit_folder"
        quietly meson setup "$audit_folder" "$top" --buildtype=release -Dtests=disabled -Dfw=disabled -Daudit=enabled
    fi
    quietly ninja -C "$audit_folder" audit/umsi-audit
}
