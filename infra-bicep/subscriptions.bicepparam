using 'subscriptions.bicep'

// The outputs of stage 1, and the addresses of webhooks as { "PartnerWebhook": "https://..." }.
var webhookEndpointsText = readEnvironmentVariable('WEBHOOK_ENDPOINTS', '')
var endpoints = json(empty(webhookEndpointsText) ? '{}' : webhookEndpointsText)

param functionAppName = readEnvironmentVariable('FUNCTION_APP_NAME')
param topicName = readEnvironmentVariable('EVENT_GRID_TOPIC_NAME')
param topicIdentityId = readEnvironmentVariable('EVENT_GRID_IDENTITY_ID')
param deadLetterStorageId = readEnvironmentVariable('DEAD_LETTER_STORAGE_ID')
param webhooks = objectKeys(endpoints)
param webhookEndpoints = endpoints
