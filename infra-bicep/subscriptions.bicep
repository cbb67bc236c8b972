// Stage 2 of 2: the Event Grid subscriptions. Event Grid asks a subscriber before it makes a subscription, so the code has
// to run. Deployed to the resource group of stage 1, with its outputs.

@description('Output FUNCTION_APP_NAME of main.bicep.')
param functionAppName string

@description('Output EVENT_GRID_TOPIC_NAME of main.bicep.')
param topicName string

@description('Output EVENT_GRID_IDENTITY_ID of main.bicep.')
param topicIdentityId string

@description('Output DEAD_LETTER_STORAGE_ID of main.bicep.')
param deadLetterStorageId string

@description('Addresses of webhooks by the endpointSetting of topology.json: { PartnerWebhook: \'https://...\' }. A subscription without one is not made.')
@secure()
param webhookEndpoints object = {}

var topology = loadJsonContent('../topology.json')
var epoch = '20000101T000000Z'
var subscriptionList = filter(topology.eventGrid.subscriptions, s => contains(s, 'function') || contains(webhookEndpoints, s.?endpointSetting ?? ''))

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

resource subscriptions 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = [for entry in subscriptionList: {
  parent: topic
  name: entry.name
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    destination: contains(entry, 'function') ? {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: '${app.id}/functions/${entry.function}'
        // Batches are delivered all or none; one bad event must not take others with it.
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    } : {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: webhookEndpoints[entry.?endpointSetting ?? '']
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    filter: {
      includedEventTypes: entry.?types ?? null
      subjectBeginsWith: entry.?subjectBeginsWith ?? ''
      subjectEndsWith: entry.?subjectEndsWith ?? ''
      isSubjectCaseSensitive: true
      advancedFilters: entry.?advancedFilters ?? []
    }
    retryPolicy: {
      maxDeliveryAttempts: entry.?maxDeliveryAttempts ?? 30
      // ISO 8601 in topology.json, minutes here.
      eventTimeToLiveInMinutes: (dateTimeToEpoch(dateTimeAdd(epoch, entry.?eventTimeToLive ?? 'P1D')) - dateTimeToEpoch(epoch)) / 60
    }
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'UserAssigned'
        userAssignedIdentity: topicIdentityId
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: deadLetterStorageId
          blobContainerName: topology.eventGrid.?deadLetterContainer ?? 'deadletters'
        }
      }
    }
  }
}]
