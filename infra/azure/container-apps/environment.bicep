// The environment that the containers share, and the storage they keep files in: blobs of MLflow's, a share of data sets, and
// one of tweets.

param name string
param location string
param workspaceName string

@description('Of the identity that MLflow reads and writes its blobs with.')
param principalId string

@description('A subnet delegated to Microsoft.App/environments, with the service endpoint Microsoft.Storage; empty, the environment has a network of Azure\'s own.')
param subnetId string

var isPrivate = !empty(subnetId)

// Storage Blob Data Contributor, the same in every subscription: reads, writes and deletes blobs.
var blobContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  // At most 24 letters and digits, and nobody else in the world may have it.
  name: 'st${uniqueString(resourceGroup().id, name)}'
  location: location
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    allowBlobPublicAccess: false
    // For the two shares alone, which are mounted with the account's key: Container Apps know no other way. MLflow's blobs
    // are read and written with an identity.
    allowSharedKeyAccess: true
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      virtualNetworkRules: isPrivate ? [
        {
          id: subnetId
          action: 'Allow'
        }
      ] : []
    }
  }
}

resource files 'Microsoft.Storage/storageAccounts/fileServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    shareDeleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: 7
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

// What MLflow keeps of runs and models.
resource artifacts 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'mlflow'
  properties: {
    publicAccess: 'None'
  }
}

// Of the container, and not of the account: only with a role of the account could MLflow hand out addresses that let others
// past it (a user delegation key). All files go through MLflow.
resource mayWrite 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(artifacts.id, principalId, blobContributor)
  scope: artifacts
  properties: {
    roleDefinitionId: blobContributor
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

// The published data sets, which no image holds: a retraining mixes people's verdicts with what the champion learned.
resource datasets 'Microsoft.Storage/storageAccounts/fileServices/shares@2023-05-01' = {
  parent: files
  name: 'datasets'
  properties: {
    shareQuota: 20
  }
}

// Tweets to label in bulk, and what came of them.
resource tweets 'Microsoft.Storage/storageAccounts/fileServices/shares@2023-05-01' = {
  parent: files
  name: 'tweets'
  properties: {
    shareQuota: 200
  }
}

resource apps 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: '${name}-environment'
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: workspace.properties.customerId
        sharedKey: workspace.listKeys().primarySharedKey
      }
    }
    vnetConfiguration: isPrivate ? {
      infrastructureSubnetId: subnetId
    } : null
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
    zoneRedundant: false
  }
}

resource datasetsMount 'Microsoft.App/managedEnvironments/storages@2025-01-01' = {
  parent: apps
  name: 'datasets'
  properties: {
    azureFile: {
      accountName: account.name
      accountKey: account.listKeys().keys[0].value
      shareName: datasets.name
      accessMode: 'ReadOnly'
    }
  }
}

resource tweetsMount 'Microsoft.App/managedEnvironments/storages@2025-01-01' = {
  parent: apps
  name: 'tweets'
  properties: {
    azureFile: {
      accountName: account.name
      accountKey: account.listKeys().keys[0].value
      shareName: tweets.name
      accessMode: 'ReadWrite'
    }
  }
}

output environmentId string = apps.id
output environmentName string = apps.name
output domain string = apps.properties.defaultDomain
output storageAccount string = account.name
// As MLflow wants it (AzureBlobArtifactRepository). The folder keeps what is MLflow's apart from what else the container may get.
output artifactsDestination string = 'wasbs://${artifacts.name}@${account.name}.blob.${environment().suffixes.storage}/artifacts'
output datasetsStorage string = datasetsMount.name
output tweetsStorage string = tweetsMount.name
