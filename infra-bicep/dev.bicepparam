using 'main.bicep'

// Cheap, public, one region. Nothing is always ready, so the first event after a pause waits for an instance.
param profile = 'dev'
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param budgetAmount = 100
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
param webhookSources = {
  carrier: {
    tokenSha256: readEnvironmentVariable('CARRIER_TOKEN_SHA256', '')
    origins: readEnvironmentVariable('CARRIER_ORIGINS', '')
  }
}
