# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The machine the demo boots on: its default devices, and QEMU's command line. Uses $top, $build, $elf, $bare,
# $cpus, $append of the caller.

# machine_of ARCH: which QEMU, which compiler, how many CPUs.
machine_of()
{
    machine=$1
    case $1 in
    aarch64) qemu=${UMSI_QEMU:-qemu-system-aarch64} cross=${UMSI_CROSS:-aarch64-linux-gnu-} cpus=${cpus:-2} ;;
    riscv64) qemu=${UMSI_QEMU:-qemu-system-riscv64} cross=${UMSI_CROSS:-riscv64-unknown-elf-} cpus=${cpus:-4} ;;
    *) die "no demo for $1: there are aarch64, riscv64 and host" ;;
    esac
}
cpus=
machine_of aarch64
cpus=

want_machine()
{
    # ipxe-qemu: network devices someone adds want their ROM files.
    case $machine in
    aarch64) want "$qemu" qemu-system-arm ipxe-qemu ;;
    riscv64) want "$qemu" qemu-system-misc qemu-system-data ipxe-qemu ;;
    esac
    want timeout coreutils
}

want_cross()
{
    want meson meson
    want ninja ninja-build
    if [ "$machine" = riscv64 ]; then
        want "${cross}gcc" gcc-riscv64-unknown-elf
        command -v "${cross}gcc" >/dev/null 2>&1 && has_libc || want_file picolibc picolibc-riscv64-unknown-elf
        return
    fi
    if [ "$(debian_arch)" = arm64 ]; then
        want "${cross}gcc" gcc
    else
        want "${cross}gcc" gcc-aarch64-linux-gnu
    fi
    # A C library for the demo: picolibc, or what the compiler brings.
    if ! command -v "${cross}gcc" >/dev/null 2>&1 || ! has_libc; then
        want_file picolibc picolibc-aarch64-linux-gnu
    fi
}

has_libc()
{
    has_header "${cross}gcc --specs=picolibc.specs" stdio.h ||
        has_header "${cross}gcc" newlib.h
}

# configure_cross FOLDER MESON-OPTION...: set up, or set up again when the options have changed.
configure_cross()
{
    folder=$1
    shift
    mkdir -p "$build"
    settings=$build/cross-$machine.ini
    sed "s/'[a-z0-9]*-[a-z]*-[a-z]*-\(gcc\|ar\|strip\|objcopy\)'/'$cross\1'/" "$top/dev/cross/$machine-none.ini" \
        >"$settings.new"
    if ! cmp -s "$settings.new" "$settings"; then
        mv "$settings.new" "$settings"
        rm -rf "$folder"
    fi
    rm -f "$settings.new"
    if [ ! -f "$folder/build.ninja" ]; then
        rm -rf "$folder"
        quietly meson setup "$folder" "$top" --cross-file "$settings" "$@"
    fi
}

# Blank disks; QEMU writes to a snapshot, so that every boot finds them blank.
make_disks()
{
    [ -f "$build/disk.img" ] || truncate -s 64M "$build/disk.img"
}

# Set "$command" to QEMU's command line, quoted for the shell.
machine_arguments()
{
    command=
    quote "$qemu" -nodefaults -no-reboot -display none -monitor none -serial stdio
    case $machine in
    aarch64)
        quote -semihosting-config enable=on,target=native -M virt,gic-version=3,its=on -cpu cortex-a72
        ;;
    riscv64)
        quote -M virt,aia=aplic-imsic,aia-guests=1 -cpu rv64
        if loses_messages "$@"; then
            quote -accel tcg,thread=single
        fi
        ;;
    esac
    quote -smp "$cpus" -m 512M -kernel "$elf"
    [ -z "$append" ] || quote -append "${append# }"
    # Most of QEMU's devices refuse a machine where messages lead nowhere; the kernel should be the one to say so.
    case $* in *its=off*) bare=yes ;; esac
    [ "$bare" = yes ] || default_devices
    quote "$@"
}

# Before 9.2 a message to an interrupt file may be lost while the hart it goes to writes there, the more so when each
# hart is a thread of QEMU's: so they take turns in one. Not where the arguments say otherwise.
loses_messages()
{
    case " $* " in *" -accel "*) return 1 ;; esac
    version=$("$qemu" --version 2>/dev/null | sed -n 's/.* version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    # shellcheck disable=SC2086 # two numbers
    set -- ${version:-0 0}
    [ "$1" -lt 9 ] || { [ "$1" = 9 ] && [ "$2" -lt 2 ]; }
}

quote()
{
    for word; do
        case $word in
        *[!A-Za-z0-9_./,=:+@%-]* | '') word="'$(printf %s "$word" | sed "s/'/'\\\\''/g")'" ;;
        esac
        # One option a line, so that --print can be read.
        case $word in -*) command="${command:+$command \\
    }$word" ;; *) command="${command:+$command }$word" ;; esac
    done
}

# drive NAME: a blank disk of its own.
drive()
{
    quote -drive "if=none,id=$1,format=raw,snapshot=on,file=$build/disk.img"
}

default_devices()
{
    drive nvme0
    quote -device nvme,serial=umsi,drive=nvme0
    drive blk0
    quote -device virtio-blk-pci,drive=blk0
    quote -device virtio-rng-pci
    quote -netdev user,id=net0,restrict=on,ipv6=off -device e1000e,netdev=net0,romfile=
    quote -device edu
    quote -device nec-usb-xhci
    # A port with a device behind it.
    quote -device pcie-root-port,id=port0,chassis=1 -device virtio-rng-pci,bus=port0
    # Two functions that share one DeviceID.
    quote -device pcie-pci-bridge,id=bridge0
    quote -device edu,bus=bridge0,addr=1 -device edu,bus=bridge0,addr=2
}

# Run QEMU with the serial output shown and kept in $work/serial; leaves its exit status in $status. A kernel that
# says nothing for $silence seconds is stopped, and $work/silent says so.
machine_run()
{
    machine_arguments "$@"
    : >"$work/serial"
    watch_silence </dev/null >/dev/null 2>&1 &
    {
        eval "timeout --foreground -k 5 $deadline $command -pidfile '$work/pid'" </dev/null &&
            echo 0 >"$work/status" || echo $? >"$work/status"
    } | tee "$work/serial"
    status=$(cat "$work/status")
}

watch_silence()
{
    seconds=0
    while [ -f "$work/serial" ] && [ ! -s "$work/serial" ] && [ ! -f "$work/status" ]; do
        sleep 1
        seconds=$((seconds + 1))
        if [ $seconds -ge "$silence" ]; then
            : >"$work/silent"
            kill "$(cat "$work/pid")"
            return
        fi
    done
}
