// The Functions host keeps the function keys here, instead of in its storage, so that the app itself can refer to the one
// that Reporting shows when it asks for sales figures. Nothing else is in it.

param name string
param location string
param tags object
param isProd bool
param appPrincipalId string

var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: take('kv-${name}', 24)
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: isProd ? 90 : 7
    // Null, not false: protection can never be taken back.
    enablePurgeProtection: isProd ? true : null
    publicNetworkAccess: isProd ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: isProd ? 'Deny' : 'Allow'
    }
  }
}

resource appKeepsKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, name, 'app', secretsOfficer)
  scope: vault
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
  }
}

output id string = vault.id
output uri string = vault.properties.vaultUri
