// Stage 2 of 2: the Event Grid subscriptions. Event Grid asks a subscriber before it makes a subscription, so the code has
// to run. Deployed to the resource group of stage 1, with its outputs.

@description('Output FUNCTION_APP_NAME of main.bicep.')
@minLength(1)
param functionAppName string

@description('Output EVENT_GRID_TOPIC_NAME of main.bicep.')
@minLength(1)
param topicName string

@description('Output EVENT_GRID_IDENTITY_ID of main.bicep.')
@minLength(1)
param topicIdentityId string

@description('Output DEAD_LETTER_STORAGE_ID of main.bicep.')
@minLength(1)
param deadLetterStorageId string

@description('Which endpointSettings of topology.json have an address. Apart from the addresses, which are secret: what-if has to know how many subscriptions there are. A subscription without one is not made.')
param webhooks string[] = []

@description('The address of each: { PartnerWebhook: \'https://...\' }.')
@secure()
param webhookEndpoints object = {}

var topology object = loadJsonContent('../topology.json')
var epoch = '20000101T000000Z'
var subscriptionList = filter(
  topology.eventGrid.subscriptions,
  s => contains(s, 'function') || contains(webhooks, s.?endpointSetting ?? '')
)

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName
}

resource subscriptions 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = [
  for entry in subscriptionList: {
    parent: topic
    name: entry.name
    properties: {
      eventDeliverySchema: 'CloudEventSchemaV1_0'
      destination: contains(entry, 'function')
        ? {
            endpointType: 'AzureFunction'
            properties: {
              resourceId: '${app.id}/functions/${entry.function}'
              // Batches are delivered all or none; one bad event must not take others with it.
              maxEventsPerBatch: 1
              preferredBatchSizeInKilobytes: 64
            }
          }
        : {
            endpointType: 'WebHook'
            properties: {
              // It is secure: the parameter is, but the linter does not look for that in the values of an object.
              #disable-next-line use-secure-value-for-secure-inputs
              endpointUrl: webhookEndpoints[entry.endpointSetting]
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
  }
]
