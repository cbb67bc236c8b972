using 'main.bicep'

// What "azd up" takes: as dev.bicepparam, unless the azd environment says PIPELINE_PROFILE=prod.
param profile = readEnvironmentVariable('PIPELINE_PROFILE', 'dev')
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param secondaryLocation = readEnvironmentVariable('AZURE_SECONDARY_LOCATION', '')
param replicateMessages = bool(readEnvironmentVariable('REPLICATE_MESSAGES', 'false'))
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param budgetAmount = int(readEnvironmentVariable('BUDGET_AMOUNT', '100'))
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
param webhookSources = {
  carrier: {
    tokenSha256: readEnvironmentVariable('CARRIER_TOKEN_SHA256', '')
    origins: readEnvironmentVariable('CARRIER_ORIGINS', '')
  }
}
