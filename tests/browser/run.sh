#!/usr/bin/env bash
# The portal in Debian's Chromium, against the running demo, on real DICOM files. The argument is a folder to
# work in; TELERAD_BIN names the program. Pictures of every screen are left in tests/artifacts.
set -euo pipefail
source "$(dirname "$0")/../../infra/scripts/common.sh"

work=$(realpath "${1:?a folder to work in}")
shift

need_packages chromium
build_portal
need_python_packages
TELERAD_TEST_DICOM=$(pydicom_files)
export TELERAD_TEST_DICOM
export TELERAD_BIN=${TELERAD_BIN:-$target/debug/telerad}
# Chromium and the tests put their folders there, so that nothing is left in the machine's own.
export TMPDIR=$work

rm -rf tests/artifacts
web/node_modules/.bin/node web/node_modules/@playwright/test/cli.js test --config tests/browser "$@"
