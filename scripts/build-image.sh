#!/usr/bin/env bash
# Builds the image portolan:VERSION with whichever of docker and buildah is here.
# Usage: scripts/build-image.sh [BUILD_IMAGE]
#   BUILD_IMAGE: image to build in, instead of the one the Dockerfile names; "local" makes one of this
#                machine's Debian mirror and Rust, where no registry is at hand (root, debootstrap)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(sed -n 's/^version *= *"\(.*\)"/\1/p' Cargo.toml | head -n 1)
build_image=${1:-}
# No kernel features are asked for: it builds within containers as well.
export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}
storage=${PORTOLAN_IMAGE_STORAGE:-vfs}

make_local_base() {
    local mirror toolchain tool container
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
    debootstrap --variant=minbase bookworm "$root" "$mirror" >/dev/null
    toolchain=$(rustc --print sysroot)
    mkdir -p "$root/usr/local/rust"
    cp -a "$toolchain/bin" "$toolchain/lib" "$root/usr/local/rust/"
    rm -rf "$root/usr/local/rust/lib/rustlib/src"
    for tool in cargo rustc; do ln -s "/usr/local/rust/bin/$tool" "$root/usr/local/bin/$tool"; done
    # The authorities of this machine: its network may have one of its own.
    mkdir -p "$root/usr/local/share/ca-certificates"
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/usr/local/share/ca-certificates/this-machine.crt"
    container=$(buildah --storage-driver "$storage" from scratch)
    buildah --storage-driver "$storage" add "$container" "$root" /
    buildah --storage-driver "$storage" commit --rm "$container" localhost/portolan-build
}

if [ "$build_image" = local ]; then
    make_local_base
    build_image=localhost/portolan-build
fi
arguments=(-f deploy/docker/Dockerfile -t "portolan:$version")
if [ -n "$build_image" ]; then arguments+=(--build-arg "BUILD_IMAGE=$build_image"); fi
if command -v buildah >/dev/null 2>&1; then
    buildah --storage-driver "$storage" bud --network host "${arguments[@]}" .
else
    docker build "${arguments[@]}" .
fi
