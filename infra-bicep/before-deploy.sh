#!/usr/bin/env bash
# What comes before stage 1, once for a subscription: the resource providers that Azure does not register by itself. It does
# so for what a template makes, but not for what a subnet is delegated to. May run again at any time.
set -euo pipefail
for provider in Microsoft.App; do
  az provider register --namespace "$provider" --wait ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"}
done
