using 'main.bicep'

// What "azd up" takes: as dev.bicepparam, unless the azd environment says PIPELINE_PROFILE=prod.
// A variable that is empty is taken for not set.
var profileVariable = readEnvironmentVariable('PIPELINE_PROFILE', '')
var replicateVariable = readEnvironmentVariable('REPLICATE_MESSAGES', '')
var budgetVariable = readEnvironmentVariable('BUDGET_AMOUNT', '')

param profile = empty(profileVariable) ? 'dev' : profileVariable
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param secondaryLocation = readEnvironmentVariable('AZURE_SECONDARY_LOCATION', '')
param replicateMessages = bool(empty(replicateVariable) ? 'false' : replicateVariable)
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param budgetAmount = int(empty(budgetVariable) ? '100' : budgetVariable)
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
param webhookSources = {
  carrier: {
    tokenSha256: readEnvironmentVariable('CARRIER_TOKEN_SHA256', '')
    origins: readEnvironmentVariable('CARRIER_ORIGINS', '')
  }
}
