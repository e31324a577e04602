// The key vault with the secrets, and the identity that the containers read them with.

param name string
param location string

@description('The secrets by name, as `make secrets` names its files (docs/secrets.md).')
@secure()
param secrets object

@description('Which of them are there.')
param secretNames array

// Key Vault Secrets User, the same in every subscription: reads secrets, and nothing else.
var secretsUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-identity'
  location: location
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  // At most 24 characters, and nobody else in the world may have it.
  name: 'kv-${uniqueString(resourceGroup().id, name)}'
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    // A deleted vault keeps its name for these seven days, whoever deleted it.
    enablePurgeProtection: true
    // Container Apps come from addresses that nobody knows before. Who is let in is a matter of the role below.
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: 'Allow'
    }
  }
}

resource kept 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = [for secret in secretNames: {
  parent: vault
  name: secret
  properties: {
    contentType: 'text/plain'
    value: secrets[secret]
  }
}]

resource mayRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: secretsUser
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

output identityId string = identity.id
output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
output vaultName string = vault.name
output vaultUri string = vault.properties.vaultUri
