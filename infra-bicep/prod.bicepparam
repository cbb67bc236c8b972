using 'main.bicep'

// Private endpoints, zone redundancy, Premium and autoscale.
// GitHub hands over a variable that is not set as an empty text: each is taken for not set.
var environmentVariable = readEnvironmentVariable('AZURE_ENV_NAME', '')
var locationVariable = readEnvironmentVariable('AZURE_LOCATION', '')
var replicateVariable = readEnvironmentVariable('REPLICATE_MESSAGES', '')
var budgetVariable = readEnvironmentVariable('BUDGET_AMOUNT', '')

param profile = 'prod'
param environmentName = empty(environmentVariable) ? 'prod' : environmentVariable
param location = empty(locationVariable) ? 'westeurope' : locationVariable
param secondaryLocation = readEnvironmentVariable('AZURE_SECONDARY_LOCATION', '')
param replicateMessages = bool(empty(replicateVariable) ? 'false' : replicateVariable)
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param budgetAmount = int(empty(budgetVariable) ? '3000' : budgetVariable)
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
param autoscaleMaxThroughput = 4000
param messagingUnits = 1
param webhookSources = {
  carrier: {
    tokenSha256: readEnvironmentVariable('CARRIER_TOKEN_SHA256', '')
    origins: readEnvironmentVariable('CARRIER_ORIGINS', '')
  }
}
