// The app, on Flex Consumption: every function scales on its own instances.

param name string
param location string
param tags object
param isZoneRedundant bool
param identityId string
param identityClientId string

@description('Subnet that the app comes from; empty: none.')
param subnetId string

param hostBlobEndpoint string
param deploymentContainer string
param payloadBlobEndpoint string
param cosmosEndpoint string
param serviceBusNamespace string
param topicEndpoint string
param vaultUri string

param webhookSources object

@description('Settings that hold the function key "default" of this app, as references to Key Vault.')
param keySettings string[]

param alwaysReady { name: string, instanceCount: int }[]
param maximumInstanceCount int

// Made by monitoring.bicep. Its name is known, so that what-if can look into this file.
resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: 'appi-${name}'
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
    zoneRedundant: isZoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${name}'
  location: location
  tags: union(tags, {
    'azd-service-name': 'functions'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    // Customers, partners' webhooks and Event Grid come in from outside; everything that is not theirs asks for a key.
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostBlobEndpoint}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstanceCount
        // Stated in main.bicep, with the reasons. A zone-redundant plan keeps two of each, and bills them, also where less is
        // stated.
        alwaysReady: map(alwaysReady, entry => {
          name: entry.name
          instanceCount: max(entry.instanceCount, isZoneRedundant ? 2 : 0)
        })
        triggers: {
          http: {
            // A request waits for Cosmos DB, not for the processor; a large order may hold some megabytes.
            perInstanceConcurrency: 32
          }
        }
      }
    }
  }
}

// No publishing with a password either: deployments come with an identity.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

var webhookSettings = reduce(
  items(webhookSources),
  {},
  (all, source) =>
    union(all, {
      'Webhooks__${source.key}__tokenSha256': source.value.?tokenSha256 ?? ''
      'Webhooks__${source.key}__origins': source.value.?origins ?? ''
      'Webhooks__${source.key}__types': source.value.?types ?? ''
      'Webhooks__${source.key}__retired': source.value.?retired ?? ''
    })
)

// The host writes the function key "default" there when it is first asked for; after-deploy.sh asks, then refreshes these.
var keyReference = '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/host--functionKey--default)'
var keyValues = reduce(keySettings, {}, (all, name) => union(all, { '${name}': keyReference }))

// No key, no connection string, no secret: addresses, and the identity that opens them. The connection string of
// Application Insights opens nothing, because its local authentication is off.
resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(webhookSettings, keyValues, {
    AzureWebJobsStorage__blobServiceUri: hostBlobEndpoint
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    AzureWebJobsSecretStorageType: 'keyvault'
    AzureWebJobsSecretStorageKeyVaultUri: vaultUri
    AzureWebJobsSecretStorageKeyVaultClientId: identityClientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    Cosmos__accountEndpoint: cosmosEndpoint
    Cosmos__credential: 'managedidentity'
    Cosmos__clientId: identityClientId
    ServiceBus__fullyQualifiedNamespace: serviceBusNamespace
    ServiceBus__credential: 'managedidentity'
    ServiceBus__clientId: identityClientId
    EventGrid__topicEndpoint: topicEndpoint
    EventGrid__clientId: identityClientId
    Blobs__serviceUri: payloadBlobEndpoint
    Blobs__clientId: identityClientId
  })
}

output id string = app.id
output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
