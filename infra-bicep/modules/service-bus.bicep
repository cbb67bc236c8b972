// Topics, subscriptions with their rules, and queues, as topology.json has them.

@minLength(3)
param name string
param location string
param tags object
param isProd bool
param messagingUnits int

@description('Premium only: the region that gets a copy of every message. Empty: none.')
param replicaLocation string

@description('The part "serviceBus" of topology.json.')
param topology object

param appPrincipalId string

var sender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var owner = '090c5cfd-751d-490a-894a-3ce6f1109419'

// Never: what expires in a queue would be lost to its consumer. Azure's own word for "no limit".
var noLimit = 'P10675199DT2H48M5.4775807S'

var subscriptionList = flatten(map(
  topology.topics,
  (topic, i) =>
    map(topic.subscriptions, receiver => {
      topicIndex: i
      topic: topic.name
      subscription: receiver
    })
))

// Rules of a subscription are OR-ed into one copy. A new subscription has a rule "$Default" that takes everything; ours
// of that name replaces it: it takes the replays addressed to this subscription. One more for each type.
var ruleList = flatten(map(
  subscriptionList,
  (entry, i) =>
    concat(
      [
        {
          subscriptionIndex: i
          name: '$Default'
          properties: {
            replayfor: '${entry.topic}/${entry.subscription.name}'
          }
        }
      ],
      map(entry.subscription.types, eventType => {
        subscriptionIndex: i
        name: eventType
        properties: {
          cloudEvents_type: eventType
          replayfor: 'all'
        }
      })
    )
))

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: 'sb-${name}'
  location: location
  tags: tags
  sku: isProd
    ? {
        name: 'Premium'
        tier: 'Premium'
        capacity: messagingUnits
      }
    : {
        name: 'Standard'
        tier: 'Standard'
      }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isProd ? 'Disabled' : 'Enabled'
    // Partitions would give up the order of a topic's messages across them.
    premiumMessagingPartitions: isProd ? 1 : null
    zoneRedundant: isProd ? true : null
    // No lag: a copy that is behind would have lost, after a switch, messages whose records are gone from the outbox.
    geoDataReplication: empty(replicaLocation)
      ? null
      : {
          maxReplicationLagDurationInSeconds: 0
          locations: [
            {
              locationName: location
              roleType: 'Primary'
            }
            {
              locationName: replicaLocation
              roleType: 'Secondary'
            }
          ]
        }
  }
}

resource topics 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' = [
  for topic in topology.topics: {
    parent: namespace
    name: topic.name
    properties: {
      defaultMessageTimeToLive: noLimit
      duplicateDetectionHistoryTimeWindow: topic.?duplicateDetectionWindow ?? topology.duplicateDetectionWindow
      enableBatchedOperations: true
      enablePartitioning: false
      requiresDuplicateDetection: true
      supportOrdering: true
    }
  }
]

resource subscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' = [
  for entry in subscriptionList: {
    parent: topics[entry.topicIndex]
    name: entry.subscription.name
    properties: {
      deadLetteringOnFilterEvaluationExceptions: true
      deadLetteringOnMessageExpiration: true
      defaultMessageTimeToLive: noLimit
      enableBatchedOperations: true
      lockDuration: entry.subscription.?lockDuration ?? topology.lockDuration
      maxDeliveryCount: entry.subscription.?maxDeliveryCount ?? topology.maxDeliveryCount
      requiresSession: entry.subscription.?requiresSession ?? true
    }
  }
]

// One after the other: Service Bus refuses changes of one subscription that meet.
@batchSize(1)
resource rules 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2026-01-01' = [
  for rule in ruleList: {
    parent: subscriptions[rule.subscriptionIndex]
    name: rule.name
    properties: {
      filterType: 'CorrelationFilter'
      correlationFilter: {
        properties: rule.properties
      }
    }
  }
]

resource queues 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = [
  for queue in topology.queues: {
    parent: namespace
    name: queue.name
    properties: {
      deadLetteringOnMessageExpiration: true
      defaultMessageTimeToLive: noLimit
      duplicateDetectionHistoryTimeWindow: queue.?duplicateDetectionWindow ?? topology.duplicateDetectionWindow
      enableBatchedOperations: true
      enablePartitioning: false
      lockDuration: queue.?lockDuration ?? topology.lockDuration
      maxDeliveryCount: queue.?maxDeliveryCount ?? topology.maxDeliveryCount
      requiresDuplicateDetection: true
      requiresSession: queue.?requiresSession ?? true
    }
  }
]

// The relay sends to topics and nothing else is done there.
resource appSendsToTopics 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (topic, i) in topology.topics: {
    name: guid(topics[i].id, name, 'app', sender)
    scope: topics[i]
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
    }
  }
]

// Where it receives, it is owner of that one entity: target-based scaling reads the length of a queue, which takes the
// claim Manage. (For a queue that includes sending.)
resource appReceivesFromSubscriptions 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (entry, i) in subscriptionList: {
    name: guid(subscriptions[i].id, name, 'app', owner)
    scope: subscriptions[i]
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', owner)
    }
  }
]

resource appUsesQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queue, i) in topology.queues: {
    name: guid(queues[i].id, name, 'app', owner)
    scope: queues[i]
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', owner)
    }
  }
]

output id string = namespace.id
output fullyQualifiedNamespace string = '${namespace.name}.servicebus.windows.net'
