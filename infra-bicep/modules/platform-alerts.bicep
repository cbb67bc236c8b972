// Alerts on what Azure itself measures: what the pipeline's own metrics cannot see when it does not run.

param name string
param tags object
param actionGroupId string
param cosmosId string
param serviceBusId string
param topicId string
param functionAppId string

// Apart from the alerts, whose names have to be known before these are.
var scopes = {
  cosmos: cosmosId
  functionApp: functionAppId
  serviceBus: serviceBusId
  topic: topicId
}

var alerts = [
  {
    name: 'dead-letters-wait'
    description: 'Messages stay in a dead-letter queue that its processor should empty: the processor does not run, or cannot store dead letters.'
    scope: 'serviceBus'
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'DeadletteredMessages'
    dimension: 'EntityName'
    aggregation: 'Minimum'
    threshold: 0
    severity: 1
  }
  {
    name: 'service-bus-throttled'
    description: 'Service Bus throttles requests: add messaging units, or use Premium.'
    scope: 'serviceBus'
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'ThrottledRequests'
    dimension: 'EntityName'
    aggregation: 'Total'
    threshold: 100
    severity: 2
  }
  {
    name: 'event-grid-gave-up'
    description: 'Event Grid dead-lettered events: a subscriber failed for a day, or refused them. They are in the dead-letter container.'
    scope: 'topic'
    namespace: 'Microsoft.EventGrid/topics'
    metric: 'DeadLetteredCount'
    dimension: 'EventSubscriptionName'
    aggregation: 'Total'
    threshold: 0
    severity: 2
  }
  {
    name: 'event-grid-delivery-fails'
    description: 'Deliveries to a subscriber, such as a webhook, keep failing. Event Grid retries for a day.'
    scope: 'topic'
    namespace: 'Microsoft.EventGrid/topics'
    metric: 'DeliveryAttemptFailCount'
    dimension: 'EventSubscriptionName'
    aggregation: 'Total'
    threshold: 20
    severity: 3
  }
  {
    name: 'cosmos-throttled'
    description: 'Cosmos DB answers 429: raise the autoscale limit, or find the hot partition.'
    scope: 'cosmos'
    namespace: 'Microsoft.DocumentDB/databaseAccounts'
    metric: 'NormalizedRUConsumption'
    dimension: 'CollectionName'
    aggregation: 'Maximum'
    threshold: 99
    severity: 3
  }
  {
    name: 'http-errors'
    description: 'The app answers with server errors.'
    scope: 'functionApp'
    namespace: 'Microsoft.Web/sites'
    metric: 'Http5xx'
    dimension: ''
    aggregation: 'Total'
    threshold: 10
    severity: 2
  }
]

resource rules 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in alerts: {
    name: 'alert-${alert.name}-${name}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.description
      severity: alert.severity
      enabled: true
      autoMitigate: true
      scopes: [
        scopes[alert.scope]
      ]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.name
            metricNamespace: alert.namespace
            metricName: alert.metric
            // A new resource has not emitted anything yet, and a metric is known only once it has.
            skipMetricValidation: true
            dimensions: empty(alert.dimension)
              ? []
              : [
                  {
                    name: alert.dimension
                    operator: 'Include'
                    values: [
                      '*'
                    ]
                  }
                ]
            timeAggregation: alert.aggregation
            operator: 'GreaterThan'
            threshold: alert.threshold
          }
        ]
      }
      actions: [
        {
          actionGroupId: actionGroupId
        }
      ]
    }
  }
]
