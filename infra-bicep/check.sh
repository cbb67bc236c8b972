#!/usr/bin/env bash
# Lints and builds every Bicep file, as the workflows do. Needs the Azure CLI and no subscription.
set -euo pipefail
cd "$(dirname "$0")"
az bicep install
for file in main.bicep subscriptions.bicep; do
  az bicep lint --file "$file"
  az bicep build --file "$file" --stdout > /dev/null
done
export AZURE_ENV_NAME=check AZURE_LOCATION=westeurope
for file in dev.bicepparam prod.bicepparam main.bicepparam; do
  az bicep build-params --file "$file" --stdout > /dev/null
done
