#!/usr/bin/env bash
# What comes after the code: the function key that Reporting shows, and stage 2, the Event Grid subscriptions.
# Takes the outputs of main.bicep from the environment, as azd and the deploy workflow set them. May run again at any time.
set -euo pipefail
cd "$(dirname "$0")"
: "${AZURE_RESOURCE_GROUP:?is missing: it is an output of main.bicep}"
: "${FUNCTION_APP_NAME:?is missing: it is an output of main.bicep}"
: "${EVENT_GRID_TOPIC_NAME:?is missing: it is an output of main.bicep}"
: "${EVENT_GRID_IDENTITY_ID:?is missing: it is an output of main.bicep}"
: "${DEAD_LETTER_STORAGE_ID:?is missing: it is an output of main.bicep}"

# The host makes the key when it is first asked for. A new app needs a moment until it can be asked. Nothing is printed.
for attempt in $(seq 1 20); do
  if az functionapp keys list --resource-group "$AZURE_RESOURCE_GROUP" --name "$FUNCTION_APP_NAME" --output none 2>/dev/null; then
    break
  fi
  if [ "$attempt" -eq 20 ]; then
    echo "The app gives out no keys after five minutes. Does it run? See 'Troubleshooting' on the page 'In Azure' of the documentation." >&2
    exit 1
  fi
  sleep 15
done

# Read the reference to that key again; by itself that happens within a day.
app=$(az functionapp show --resource-group "$AZURE_RESOURCE_GROUP" --name "$FUNCTION_APP_NAME" --query id --output tsv)
az rest --method post --url "https://management.azure.com${app}/config/configreferences/appsettings/refresh?api-version=2022-03-01" --output none

# subscriptions.bicepparam reads these variables, and WEBHOOK_ENDPOINTS, so that addresses are in no command line.
az deployment group create \
  --resource-group "$AZURE_RESOURCE_GROUP" \
  --name "pipeline-subscriptions" \
  --template-file subscriptions.bicep \
  --parameters subscriptions.bicepparam \
  --output none
echo "The Event Grid subscriptions are there."
