#!/bin/sh
# Chromium's sandbox refuses root: where we are root, Electron runs as an unprivileged id, sandbox on.
# FAULTLINE_TEST_ELECTRON names the executable, HOME a folder that the id may write to.
[ "$(id -u)" = 0 ] || exec "$FAULTLINE_TEST_ELECTRON" "$@"
exec setpriv --reuid=64999 --regid=64999 --clear-groups "$FAULTLINE_TEST_ELECTRON" "$@"
