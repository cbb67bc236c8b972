// prod: the services are reached from the network only. Each endpoint has its private DNS zone.

param name string
param location string
param tags object
param networkId string
param subnetId string
param cosmosId string
param serviceBusId string
param topicId string
param hostStorageId string
param dataStorageId string
param vaultId string

var zoneNames = [
  'privatelink.documents.azure.com'
  'privatelink.servicebus.windows.net'
  'privatelink.eventgrid.azure.net'
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.vaultcore.azure.net'
]

var services = [
  { name: 'cosmos', group: 'Sql', zone: 0 }
  { name: 'service-bus', group: 'namespace', zone: 1 }
  { name: 'event-grid', group: 'topic', zone: 2 }
  { name: 'host-blobs', group: 'blob', zone: 3 }
  { name: 'data-blobs', group: 'blob', zone: 3 }
  { name: 'key-vault', group: 'vault', zone: 4 }
]

// In the order of the services, and apart from them: names have to be known before these are.
var serviceIds = [
  cosmosId
  serviceBusId
  topicId
  hostStorageId
  dataStorageId
  vaultId
]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zoneNames: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, i) in zoneNames: {
    parent: zones[i]
    name: 'link-${name}'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: networkId
      }
    }
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for (service, i) in services: {
    name: 'pe-${service.name}-${name}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: subnetId
      }
      privateLinkServiceConnections: [
        {
          name: service.name
          properties: {
            privateLinkServiceId: serviceIds[i]
            groupIds: [
              service.group
            ]
          }
        }
      ]
    }
  }
]

resource records 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (service, i) in services: {
    parent: endpoints[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service.name
          properties: {
            privateDnsZoneId: zones[service.zone].id
          }
        }
      ]
    }
  }
]
