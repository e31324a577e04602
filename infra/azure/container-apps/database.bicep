// PostgreSQL. Its databases and roles are made by the job `migrate` (roles.py): what Azure's own interface makes belongs
// to a role of Azure's, which the owner of the tables could not take over.

param name string
param location string

@description('Standard_B1ms is the smallest. It takes 35 connections, and each replica of the API up to fifteen.')
param sku string

@allowed([
  'Burstable'
  'GeneralPurpose'
  'MemoryOptimized'
])
param tier string

param storageGb int
param backupDays int

@secure()
param adminPassword string

@description('A subnet delegated to Microsoft.DBforPostgreSQL/flexibleServers; empty, the server has a public address.')
param subnetId string

@description('The private DNS zone that goes with the subnet.')
param privateDnsZoneId string

var isPrivate = !empty(subnetId)

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: '${name}-db-${uniqueString(resourceGroup().id)}'
  location: location
  sku: {
    name: sku
    tier: tier
  }
  properties: {
    version: '17'
    administratorLogin: 'dbadmin'
    administratorLoginPassword: adminPassword
    storage: {
      storageSizeGB: storageGb
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: backupDays
      geoRedundantBackup: 'Disabled'
    }
    highAvailability: {
      mode: 'Disabled'
    }
    network: isPrivate ? {
      delegatedSubnetResourceId: subnetId
      privateDnsZoneArmResourceId: privateDnsZoneId
      publicNetworkAccess: 'Disabled'
    } : {
      publicNetworkAccess: 'Enabled'
    }
  }
}

// Any address of Azure, other people's too: Container Apps without a network of their own come from addresses that nobody
// knows before. TLS and a long random password are what is left; for more, give a subnet.
resource fromAzure 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = if (!isPrivate) {
  parent: server
  name: 'from-azure'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
}

output host string = server.properties.fullyQualifiedDomainName
output adminLogin string = server.properties.administratorLogin
