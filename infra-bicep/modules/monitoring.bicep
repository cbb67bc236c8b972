// Logs, metrics, alerts on the pipeline's own metrics (alerts.json), a workbook, a budget.

param name string
param location string
param tags object
param isProd bool
param alertEmail string
param budgetAmount int
param budgetStart string
param appPrincipalId string
param blockedTooLongMinutes int

// The app sends its telemetry itself (src/Pipeline.AzureFunctions/Configuration/TelemetryExport.cs), the host its own.
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var alerts = loadJsonContent('../alerts.json')

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: isProd ? 90 : 30
    features: {
      disableLocalAuth: true
    }
    workspaceCapping: {
      // A loop that logs must not eat the budget. -1: no cap, because in production losing logs is worse.
      dailyQuotaGb: isProd ? -1 : 1
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    WorkspaceResourceId: workspace.id
  }
}

resource appPublishesMetrics 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, name, 'app', metricsPublisher)
  scope: insights
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'pipeline'
    emailReceivers: empty(alertEmail)
      ? []
      : [
          {
            name: 'operators'
            emailAddress: alertEmail
            useCommonAlertSchema: true
          }
        ]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: 'alert-${alert.name}-${name}'
    location: location
    tags: tags
    properties: {
      displayName: alert.title
      description: alert.description
      severity: alert.severity
      enabled: true
      autoMitigate: true
      scopes: [
        workspace.id
      ]
      // The first minutes after a deployment the table may not exist yet.
      skipQueryValidation: true
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      criteria: {
        allOf: [
          {
            query: 'AppMetrics | where Name == "${alert.metric}" | extend Dimension = coalesce(tostring(Properties["${alert.dimension}"]), "all") | project TimeGenerated, Dimension, Value = Sum'
            timeAggregation: alert.aggregation
            metricMeasureColumn: alert.aggregation == 'Count' ? null : 'Value'
            dimensions: alert.aggregation == 'Count'
              ? []
              : [
                  {
                    name: 'Dimension'
                    operator: 'Include'
                    values: [
                      '*'
                    ]
                  }
                ]
            operator: alert.operator
            threshold: alert.name == 'subject-blocked-long' ? blockedTooLongMinutes * 60 : alert.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [
          people.id
        ]
      }
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'pipeline-workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Pipeline ${name}'
    category: 'workbook'
    sourceId: workspace.id
    serializedData: loadTextContent('../workbook.json')
  }
}

resource budget 'Microsoft.Consumption/budgets@2023-11-01' = if (budgetAmount > 0 && !empty(budgetStart)) {
  name: 'budget-${name}'
  properties: {
    category: 'Cost'
    amount: budgetAmount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: budgetStart
    }
    notifications: {
      actual80: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: empty(alertEmail)
          ? []
          : [
              alertEmail
            ]
        contactGroups: [
          people.id
        ]
      }
      forecast100: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: empty(alertEmail)
          ? []
          : [
              alertEmail
            ]
        contactGroups: [
          people.id
        ]
      }
    }
  }
}

output actionGroupId string = people.id
