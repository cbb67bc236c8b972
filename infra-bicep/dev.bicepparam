using 'main.bicep'

// Cheap, public, one region. Nothing is always ready, so the first event after a pause waits for an instance.
// GitHub hands over a variable that is not set as an empty text: each is taken for not set.
var environmentVariable = readEnvironmentVariable('AZURE_ENV_NAME', '')
var locationVariable = readEnvironmentVariable('AZURE_LOCATION', '')
var budgetVariable = readEnvironmentVariable('BUDGET_AMOUNT', '')

param profile = 'dev'
param environmentName = empty(environmentVariable) ? 'dev' : environmentVariable
param location = empty(locationVariable) ? 'westeurope' : locationVariable
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param budgetAmount = int(empty(budgetVariable) ? '100' : budgetVariable)
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
param webhookSources = {
  carrier: {
    tokenSha256: readEnvironmentVariable('CARRIER_TOKEN_SHA256', '')
    origins: readEnvironmentVariable('CARRIER_ORIGINS', '')
  }
}
