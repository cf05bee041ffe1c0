#!/bin/sh
# Installs the Debian packages that a target needs, where they are missing: `venv`, `chromium` or `pgbouncer`.
set -eu

install() {
    echo "Installing from Debian: $*"
    if [ "$(id -u)" -eq 0 ]; then run=""; else run="sudo"; fi
    $run apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

case "$1" in
venv)
    python3 -c "import ensurepip, venv" 2>/dev/null || install python3-venv
    ;;
chromium)
    command -v chromium >/dev/null 2>&1 || install chromium
    fc-list 2>/dev/null | grep -qi "cjk" || install fonts-noto-cjk fontconfig
    ;;
pgbouncer)
    [ -x /usr/sbin/pgbouncer ] || install pgbouncer
    ;;
esac
