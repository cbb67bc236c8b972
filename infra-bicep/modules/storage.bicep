// Two accounts, so that each identity gets no more than it needs: the Functions host owns all blobs of its own account,
// in the other one the app may only use its payloads, and the Event Grid topic only its dead letters.

param name string
param location string
param tags object
param isProd bool

@description('Whether blobs are copied to the paired region.')
param isReplicated bool

param deadLetterContainer string
param appPrincipalId string
param topicPrincipalId string

var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var sku = isProd ? (isReplicated ? 'Standard_GZRS' : 'Standard_ZRS') : 'Standard_LRS'
var accountProperties = {
  accessTier: 'Hot'
  allowBlobPublicAccess: false
  allowCrossTenantReplication: false
  allowSharedKeyAccess: false
  defaultToOAuthAuthentication: true
  minimumTlsVersion: 'TLS1_2'
  publicNetworkAccess: isProd ? 'Disabled' : 'Enabled'
  supportsHttpsTrafficOnly: true
  networkAcls: {
    // Event Grid writes dead letters as a trusted service, with the identity of the topic.
    bypass: 'AzureServices'
    defaultAction: isProd ? 'Deny' : 'Allow'
  }
}

resource host 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: take('sthost${name}', 24)
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: accountProperties
}

resource hostBlobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: host
  name: 'default'
}

resource deployments 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: hostBlobs
  name: 'deployments'
}

resource data 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: take('stdata${name}', 24)
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: accountProperties
}

resource dataBlobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: data
  name: 'default'
  properties: {
    // A payload that was deleted by mistake can be put back; a replay of its dead letter then finds it.
    deleteRetentionPolicy: {
      enabled: true
      days: 14
    }
  }
}

resource payloads 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: dataBlobs
  name: 'payloads'
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: dataBlobs
  name: deadLetterContainer
}

resource appOwnsHostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(host.id, name, 'app', blobDataOwner)
  scope: host
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
  }
}

resource appUsesPayloads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(payloads.id, name, 'app', blobDataContributor)
  scope: payloads
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}

resource topicWritesDeadLetters 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(deadLetters.id, name, 'topic', blobDataContributor)
  scope: deadLetters
  properties: {
    principalId: topicPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}

output hostId string = host.id
output hostBlobEndpoint string = host.properties.primaryEndpoints.blob
output deploymentContainer string = deployments.name
output dataId string = data.id
output dataBlobEndpoint string = data.properties.primaryEndpoints.blob
