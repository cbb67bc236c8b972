using 'main.bicep'

// Private endpoints, zone redundancy, Premium and autoscale.
param profile = 'prod'
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'prod')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param secondaryLocation = readEnvironmentVariable('AZURE_SECONDARY_LOCATION', '')
param replicateMessages = bool(readEnvironmentVariable('REPLICATE_MESSAGES', 'false'))
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param budgetAmount = 3000
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
param autoscaleMaxThroughput = 4000
param messagingUnits = 1
param webhookSources = {
  carrier: {
    tokenSha256: readEnvironmentVariable('CARRIER_TOKEN_SHA256', '')
    origins: readEnvironmentVariable('CARRIER_ORIGINS', '')
  }
}
