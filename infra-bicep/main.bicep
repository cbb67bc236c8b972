// Stage 1 of 2: everything but the Event Grid subscriptions (subscriptions.bicep), which need the code deployed.
// All names of containers, topics, subscriptions, rules and queues come from topology.json.
targetScope = 'subscription'

@description('Name of this environment; part of all names. Letters, digits and hyphens.')
@minLength(2)
@maxLength(40)
param environmentName string

@description('Region of everything.')
@minLength(1)
param location string

@description('dev: serverless Cosmos DB and Service Bus Standard, public endpoints. prod: autoscale, Premium, private endpoints, zone redundancy.')
@allowed([
  'dev'
  'prod'
])
param profile string = 'dev'

@description('prod only: a second region, any that has the services. Cosmos DB gets a read replica there; blobs are copied, but to the region that Azure pairs with the first. Empty: one region.')
param secondaryLocation string = ''

@description('prod with a secondaryLocation only: Service Bus copies every message there before it accepts it. Doubles its price, and each send waits for the other region.')
param replicateMessages bool = false

@description('Whether the app keeps running when a zone is lost. Flex Consumption then keeps two instances of every function ready, all the time: see Cost on the page In Azure of the documentation. Not every region has it.')
param zoneRedundantApp bool = profile == 'prod'

@description('Who gets the alerts and budget warnings. Empty: nobody; alerts are still to be seen in the portal.')
param alertEmail string = ''

@description('A subject that is blocked for longer alerts, in minutes. Delayed retries of a message may go on for 87.')
@minValue(1)
@maxValue(1440)
param blockedTooLongMinutes int = 15

@description('Monthly budget in the currency of the subscription; 0: none.')
param budgetAmount int = 0

@description('First day of the month in which the budget begins, as 2026-09-01. It can not be changed afterwards. Empty: no budget.')
param budgetStart string = ''

@description('Who may hand over events at /api/webhooks/SOURCE: { carrier: { tokenSha256: \'...\', origins: \'...\' } }. Digests of random tokens, no tokens.')
param webhookSources object = {}

@description('Instances that never stop: of all HTTP functions (http), or of one other function (function:NAME). At least 2 each in a zone-redundant app. Not given: none in dev; in prod http, the sweep, and what functions.alwaysReady of topology.settings.json names.')
param alwaysReady { name: string, instanceCount: int }[]?

@description('The most instances that a function may have. From 40 to 1000.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = profile == 'prod' ? 200 : 40

@description('prod only: the most request units a second of each container. A tenth of it is always paid.')
@minValue(1000)
param autoscaleMaxThroughput int = 4000

@description('prod only: messaging units of Service Bus Premium.')
@allowed([
  1
  2
  4
  8
  16
])
param messagingUnits int = 1

var topology object = loadJsonContent('../topology.json')
var isProd = profile == 'prod'
var readyInProd = concat(
  [
    // Customers wait for these.
    { name: 'http', instanceCount: 2 }
    // The sweep runs every 5 seconds, so its instance never stops anyway; always ready is cheaper by the second.
    { name: 'function:sweep', instanceCount: 1 }
  ],
  map(topology.?functions.?alwaysReady ?? [], name => { name: 'function:${name}', instanceCount: 1 })
)
var token = uniqueString(subscription().id, environmentName, location)
var shortName = '${take(toLower(replace(environmentName, '-', '')), 8)}${take(token, 8)}'
var tags = {
  application: 'pipeline'
  environment: environmentName
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-pipeline-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  name: 'identity'
  params: {
    name: shortName
    location: location
    tags: tags
  }
}

module network 'modules/network.bicep' = if (isProd) {
  scope: group
  name: 'network'
  params: {
    name: shortName
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: {
    name: shortName
    location: location
    tags: tags
    isProd: isProd
    alertEmail: alertEmail
    budgetAmount: budgetAmount
    budgetStart: budgetStart
    appPrincipalId: identity.outputs.appPrincipalId
    blockedTooLongMinutes: blockedTooLongMinutes
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  name: 'storage'
  params: {
    name: shortName
    location: location
    tags: tags
    isProd: isProd
    isReplicated: !empty(secondaryLocation)
    deadLetterContainer: topology.eventGrid.?deadLetterContainer ?? 'deadletters'
    appPrincipalId: identity.outputs.appPrincipalId
    topicPrincipalId: identity.outputs.topicPrincipalId
  }
}

module cosmos 'modules/cosmos.bicep' = {
  scope: group
  name: 'cosmos'
  params: {
    name: shortName
    location: location
    secondaryLocation: secondaryLocation
    tags: tags
    isProd: isProd
    topology: topology.cosmos
    autoscaleMaxThroughput: autoscaleMaxThroughput
    appPrincipalId: identity.outputs.appPrincipalId
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  scope: group
  name: 'service-bus'
  params: {
    name: shortName
    location: location
    tags: tags
    isProd: isProd
    messagingUnits: messagingUnits
    replicaLocation: isProd && replicateMessages ? secondaryLocation : ''
    topology: topology.serviceBus
    appPrincipalId: identity.outputs.appPrincipalId
  }
}

module eventGrid 'modules/event-grid.bicep' = {
  scope: group
  name: 'event-grid'
  params: {
    name: shortName
    location: location
    tags: tags
    isProd: isProd
    topicIdentityId: identity.outputs.topicId
    appPrincipalId: identity.outputs.appPrincipalId
  }
}

module keyVault 'modules/key-vault.bicep' = {
  scope: group
  name: 'key-vault'
  params: {
    name: shortName
    location: location
    tags: tags
    isProd: isProd
    appPrincipalId: identity.outputs.appPrincipalId
  }
}

module endpoints 'modules/private-endpoints.bicep' = if (isProd) {
  scope: group
  name: 'private-endpoints'
  params: {
    name: shortName
    location: location
    tags: tags
    networkId: network.?outputs.networkId ?? ''
    subnetId: network.?outputs.endpointSubnetId ?? ''
    cosmosId: cosmos.outputs.id
    serviceBusId: serviceBus.outputs.id
    topicId: eventGrid.outputs.id
    hostStorageId: storage.outputs.hostId
    dataStorageId: storage.outputs.dataId
    vaultId: keyVault.outputs.id
  }
}

module functionApp 'modules/function-app.bicep' = {
  scope: group
  name: 'function-app'
  params: {
    name: shortName
    location: location
    tags: tags
    isZoneRedundant: zoneRedundantApp
    identityId: identity.outputs.appId
    identityClientId: identity.outputs.appClientId
    subnetId: network.?outputs.functionSubnetId ?? ''
    hostBlobEndpoint: storage.outputs.hostBlobEndpoint
    deploymentContainer: storage.outputs.deploymentContainer
    payloadBlobEndpoint: storage.outputs.dataBlobEndpoint
    cosmosEndpoint: cosmos.outputs.endpoint
    serviceBusNamespace: serviceBus.outputs.fullyQualifiedNamespace
    topicEndpoint: eventGrid.outputs.endpoint
    vaultUri: keyVault.outputs.uri
    webhookSources: webhookSources
    keySettings: topology.?functions.?keySettings ?? []
    alwaysReady: alwaysReady ?? (isProd ? readyInProd : [])
    maximumInstanceCount: maximumInstanceCount
  }
  dependsOn: [
    endpoints
    monitoring
  ]
}

module platformAlerts 'modules/platform-alerts.bicep' = {
  scope: group
  name: 'platform-alerts'
  params: {
    name: shortName
    tags: tags
    actionGroupId: monitoring.outputs.actionGroupId
    cosmosId: cosmos.outputs.id
    serviceBusId: serviceBus.outputs.id
    topicId: eventGrid.outputs.id
    functionAppId: functionApp.outputs.id
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = functionApp.outputs.name
output FUNCTION_APP_URL string = functionApp.outputs.url
output EVENT_GRID_TOPIC_NAME string = eventGrid.outputs.name
output EVENT_GRID_IDENTITY_ID string = identity.outputs.topicId
output DEAD_LETTER_STORAGE_ID string = storage.outputs.dataId
