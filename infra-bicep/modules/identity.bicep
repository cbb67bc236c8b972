// Two identities: what the app may do, and what the Event Grid topic may do. Roles are assigned where the resources are,
// under names that are known before anything is deployed, so that what-if can show them: no principal's id is in them. The
// price is told on the page "In Azure" of the documentation: an identity that is made anew needs its old assignments deleted.

param name string
param location string
param tags object

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-app-${name}'
  location: location
  tags: tags
}

resource topic 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-topic-${name}'
  location: location
  tags: tags
}

output appId string = app.id
output appClientId string = app.properties.clientId
output appPrincipalId string = app.properties.principalId
output topicId string = topic.id
output topicPrincipalId string = topic.properties.principalId
