// The account, one database, a container per service, and the leases of the change feed.

param name string
param location string
param secondaryLocation string
param tags object
param isProd bool

@description('The part "cosmos" of topology.json.')
param topology object

param autoscaleMaxThroughput int
param appPrincipalId string

var dataContributor = '00000000-0000-0000-0000-000000000002'
var regions = isProd && !empty(secondaryLocation)
  ? [
      location
      secondaryLocation
    ]
  : [
      location
    ]

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' = {
  name: 'cosmos-${name}'
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    // One write region: what the guarantees are given for.
    enableMultipleWriteLocations: false
    enableAutomaticFailover: false
    locations: [
      for (region, i) in regions: {
        locationName: region
        failoverPriority: i
        isZoneRedundant: isProd
      }
    ]
    consistencyPolicy: {
      defaultConsistencyLevel: 'Session'
    }
    capabilities: isProd
      ? []
      : [
          {
            name: 'EnableServerless'
          }
        ]
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: {
        tier: isProd ? 'Continuous30Days' : 'Continuous7Days'
      }
    }
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: isProd ? 'Disabled' : 'Enabled'
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: topology.database
  properties: {
    resource: {
      id: topology.database
    }
  }
}

// Only what is asked for is indexed: kind, keys and marks. Payloads (data, messages, body) would make every write dearer.
resource containers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = [
  for container in topology.containers: {
    parent: database
    name: container.name
    properties: {
      resource: {
        id: container.name
        partitionKey: {
          kind: 'Hash'
          version: 2
          paths: [
            '/pk'
          ]
        }
        // Time to live is on, without a default: what expires says so itself.
        defaultTtl: -1
        indexingPolicy: {
          indexingMode: 'consistent'
          automatic: true
          includedPaths: [
            { path: '/pk/?' }
            { path: '/kind/?' }
            { path: '/consumer/?' }
            { path: '/open/?' }
            { path: '/inOrder/?' }
            { path: '/fingerprint/?' }
            { path: '/discarded/?' }
            { path: '/place/?' }
            { path: '/eventId/?' }
            { path: '/subject/?' }
            { path: '/correlationId/?' }
            { path: '/correlationIds/[]/?' }
            { path: '/status/?' }
            { path: '/replayId/?' }
            { path: '/createdAt/?' }
            { path: '/retryAt/?' }
            { path: '/sentAt/?' }
            { path: '/sent/?' }
            { path: '/parked/*' }
          ]
          excludedPaths: [
            { path: '/*' }
          ]
        }
      }
      options: isProd
        ? {
            autoscaleSettings: {
              maxThroughput: autoscaleMaxThroughput
            }
          }
        : {}
    }
  }
]

resource leases 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = {
  parent: database
  name: topology.leases
  properties: {
    resource: {
      id: topology.leases
      partitionKey: {
        kind: 'Hash'
        version: 2
        paths: [
          '/id'
        ]
      }
    }
    options: isProd
      ? {
          autoscaleSettings: {
            maxThroughput: 1000
          }
        }
      : {}
  }
}

// Data of this database only. It includes reading metadata, which SDK and triggers need; it creates no containers.
resource appUsesData 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = {
  parent: account
  name: guid(account.id, name, 'app', dataContributor, topology.database)
  properties: {
    principalId: appPrincipalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${account.id}/dbs/${topology.database}'
  }
  dependsOn: [
    database
  ]
}

output id string = account.id
output endpoint string = account.properties.documentEndpoint
