#!/usr/bin/env bash
# Gives the Azure CLI the Bicep compiler that the tests use: the version that Directory.Packages.props names.
set -euo pipefail
cd "$(dirname "$0")"
version=$(sed -n 's|.*<BicepVersion>\(.*\)</BicepVersion>.*|\1|p' ../Directory.Packages.props)
: "${version:?is missing: Directory.Packages.props has no BicepVersion}"
# Not the one that a CI machine happens to have on its PATH.
export AZURE_BICEP_USE_BINARY_FROM_PATH=false
az bicep install --version "v$version"
