#!/usr/bin/env bash
# Installs what this machine lacks where there is apt; elsewhere names it and fails.
# Usage: scripts/prerequisites.sh [build] [test]
#   build: cargo of the rust-version in Cargo.toml, a C linker; for the solver, whose C++ sources come
#          with its crate, a C++ compiler, cmake, and libclang, which reads its C interface
#   test:  rustfmt, clippy, Python 3.11 or newer with venv, and haproxy and Prometheus with its
#          promtool, which the tests run for real
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PATH=$PATH:${CARGO_HOME:-${HOME:-/}/.cargo}/bin
rust_version=$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' Cargo.toml | head -n 1)
rust_version=${rust_version:-1.95}
python=${PYTHON:-python3}
test_group=no
for group in "$@"; do
    case $group in
        build) ;;
        test) test_group=yes ;;
        *)
            echo "scripts/prerequisites.sh: no group $group; there are build and test" >&2
            exit 2
            ;;
    esac
done

has() { command -v "$1" >/dev/null 2>&1; }

at_least() { # FOUND WANTED, as dotted numbers
    local -a found wanted
    IFS=. read -r -a found <<<"$1"
    IFS=. read -r -a wanted <<<"$2"
    local place have want
    for place in 0 1 2; do
        have=${found[place]:-0}
        want=${wanted[place]:-0}
        have=${have%%[!0-9]*}
        if [ "${have:-0}" -ne "$want" ]; then
            [ "${have:-0}" -gt "$want" ]
            return
        fi
    done
}

cargo_version() { cargo --version 2>/dev/null | cut -d ' ' -f 2; }

python_serves() {
    "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

has_libclang() {
    local place
    # The system's own list, where the linker looks; not every user has the command on the path.
    if PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -E 'libclang(-[0-9.]+)?\.so' >/dev/null; then
        return 0
    fi
    for place in "${LIBCLANG_PATH:-}" "$(llvm-config --libdir 2>/dev/null || true)" /usr/lib/llvm-*/lib; do
        [ -n "$place" ] || continue
        # LIBCLANG_PATH may name the file itself.
        if [ -f "$place" ] || compgen -G "$place/libclang.so*" >/dev/null ||
            compgen -G "$place/libclang-[0-9]*.so*" >/dev/null; then
            return 0
        fi
    done
    return 1
}

# Fills "lacking" with sentences and "packages" with the apt packages that would help.
survey() {
    lacking=()
    packages=()
    if ! has cc; then
        lacking+=('a C compiler and linker, as cc')
        packages+=(build-essential)
    fi
    if ! has c++; then
        lacking+=('a C++ compiler, as c++')
        packages+=(g++)
    fi
    if ! has cmake; then
        lacking+=('cmake')
        packages+=(cmake)
    fi
    if ! has_libclang; then
        lacking+=('libclang; where it is in no usual place, LIBCLANG_PATH names its folder')
        packages+=(libclang-dev)
    fi
    local found
    found=$(cargo_version || true)
    if [ -z "$found" ]; then
        lacking+=("Rust $rust_version or newer: install rustup, see https://rustup.rs")
        has rustup || packages+=(rustup)
    elif ! at_least "$found" "$rust_version"; then
        lacking+=("Rust $rust_version or newer, found $found: rustup update stable, or install rustup, see https://rustup.rs")
    fi
    if [ "$test_group" = yes ]; then
        cargo fmt --version >/dev/null 2>&1 || lacking+=('rustfmt: rustup component add rustfmt')
        cargo clippy --version >/dev/null 2>&1 || lacking+=('clippy: rustup component add clippy')
        if ! python_serves; then
            lacking+=("Python 3.11 or newer with venv, as $python")
            packages+=(python3 python3-venv)
        fi
        for tool in haproxy prometheus promtool; do
            # Not every user has the folder of servers on the path.
            if ! PATH=$PATH:/usr/sbin:/sbin has "$tool"; then
                lacking+=("$tool")
                packages+=("${tool/promtool/prometheus}")
            fi
        done
    fi
}

apt_get() { # ARGUMENT ...; once more with another temporary folder, as unpacking fails in some
    local -a run=(env DEBIAN_FRONTEND=noninteractive)
    if [ "$(id -u)" -ne 0 ]; then
        # Unattended, a password prompt would wait forever.
        if [ -n "${CI:-}" ]; then run=(sudo -n "${run[@]}"); else run=(sudo "${run[@]}"); fi
    fi
    "${run[@]}" apt-get "$@" </dev/null || "${run[@]}" TMPDIR=/var/tmp apt-get "$@" </dev/null
}

install_with_apt() {
    has apt-get || return 0
    [ "$(id -u)" -eq 0 ] || has sudo || return 0
    echo "This machine lacks tools. To be installed with apt, where it has them: ${packages[*]}"
    apt_get -qq update || echo 'apt-get update failed; going on with the lists at hand' >&2
    local package
    local -a known=()
    for package in "${packages[@]}"; do
        if [ -n "$(apt-cache show "$package" 2>/dev/null)" ]; then known+=("$package"); fi
    done
    [ "${#known[@]}" -gt 0 ] || return 0
    apt_get -y -qq install --no-install-recommends "${known[@]}" || true
    hash -r
}

survey
if [ "${#packages[@]}" -gt 0 ]; then
    install_with_apt
fi
if has rustup; then
    if [ -z "$(cargo_version || true)" ]; then
        echo 'Installing the stable Rust toolchain with rustup'
        rustup toolchain install stable --profile minimal && rustup default stable || true
    fi
    if [ "$test_group" = yes ] && [ -n "$(cargo_version || true)" ]; then
        for component in fmt:rustfmt clippy:clippy; do
            if ! cargo "${component%%:*}" --version >/dev/null 2>&1; then
                echo "Installing the Rust component ${component##*:} with rustup"
                rustup component add "${component##*:}" || true
            fi
        done
    fi
fi

survey
if [ "${#lacking[@]}" -gt 0 ]; then
    {
        echo 'This machine lacks:'
        printf '  - %s\n' "${lacking[@]}"
        if [ "${#packages[@]}" -gt 0 ] && has apt-get; then
            echo "As root, install what apt has of: ${packages[*]}"
        fi
    } >&2
    exit 1
fi
