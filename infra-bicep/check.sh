#!/usr/bin/env bash
# Compiles every Bicep file and refuses any warning, and any file that is not formatted, as the tests do. Needs no
# subscription. BICEP names the compiler to use; without it, it is that of the Azure CLI, in the version that the tests use.
set -euo pipefail
cd "$(dirname "$0")"
bicep=${BICEP:-}
if [ -z "$bicep" ]; then
  ./install-compiler.sh
  bicep=${AZURE_CONFIG_DIR:-$HOME/.azure}/bin/bicep
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# What the parameter files cannot do without.
export AZURE_ENV_NAME=check AZURE_LOCATION=westeurope
export FUNCTION_APP_NAME=check EVENT_GRID_TOPIC_NAME=check EVENT_GRID_IDENTITY_ID=check DEAD_LETTER_STORAGE_ID=check

# The compiler ends well although it warns, so what counts is whether it says anything.
compile() {
  local said status=0
  said=$("$bicep" "$@" 2>&1) || status=$?
  if [ "$status" -ne 0 ] || [ -n "$said" ]; then
    printf '%s\n' "$said" "bicep $1 failed or warned: mend what it says." >&2
    exit 1
  fi
}
compile build --pattern '**/*.bicep' --outdir "$folder/templates"
compile build-params --pattern '*.bicepparam' --outdir "$folder/parameters"

mkdir "$folder/formatted"
cp -R . "$folder/formatted"
(cd "$folder/formatted" && compile format --pattern '**/*.bicep' && compile format --pattern '*.bicepparam')
if ! diff -r . "$folder/formatted" >&2; then
  echo "Not formatted: bicep format --pattern '**/*.bicep', and '*.bicepparam'." >&2
  exit 1
fi
