// The topic of the public facts: CloudEvents in and out. Its subscriptions are stage 2, subscriptions.bicep.

param name string
param location string
param tags object
param isProd bool
param topicIdentityId string
param appPrincipalId string

var dataSender = 'd5a91429-5739-47e2-a06b-3470a27159e7'

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: 'egt-${name}'
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${topicIdentityId}': {}
    }
  }
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
    // Publishing only; deliveries go out from Event Grid and are not affected.
    publicNetworkAccess: isProd ? 'Disabled' : 'Enabled'
  }
}

resource appPublishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(topic.id, name, 'app', dataSender)
  scope: topic
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataSender)
  }
}

output id string = topic.id
output name string = topic.name
output endpoint string = topic.properties.endpoint
