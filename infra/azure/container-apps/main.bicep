// (B) Container Apps, for those who outgrow one site: the API from no replica to several, the pages, MLflow for them alone,
// jobs, PostgreSQL, a key vault. `azd up`, or:
//
//   az deployment group create --resource-group RG --template-file infra/azure/container-apps/main.bicep \
//     --parameters name=NAME --parameters @secrets/azure/container-apps.json
//
// Without an image a picture of Azure's stands in, so that everything is there before the first image is built. MLflow
// needs its role in the database, which the job `migrate` makes from the API's image. So the first time:
//
//   the above with --parameters mlflowImage='', az containerapp job start --name migrate --resource-group RG, the above
//   azd provision, azd deploy inference, azd provision (the job gets its image), the job, azd deploy
targetScope = 'resourceGroup'

@minLength(2)
@maxLength(30)
param name string

param location string = resourceGroup().location

@description('By digest: HOST/PATH/inference@sha256:...')
param inferenceImage string = ''
param uiImage string = ''
param mlflowImage string = ''
param trainerImage string = ''

@description('A container registry of Azure in this resource group; empty where the images are public (GHCR).')
param acrName string = ''

@description('The files of `make secrets`, by name, and `database-admin`; `owner-key`, `alert-urls` and `sign-in` (the content of sign-in.toml) where they are used.')
@secure()
param secrets object

@description('Who may do what on the pages: mail addresses, apart by blanks or commas.')
param owners string = ''
param reviewers string = ''
param viewers string = ''

@description('Address ranges (CIDR) that reach the pages; empty is everybody.')
param pagesAllowedFrom array = []

@minValue(0)
param minReplicas int = 0

@description('Each replica takes up to fifteen connections, of which Standard_B1ms has 35 for all.')
@minValue(1)
param maxReplicas int = 2

@minValue(1)
param concurrentRequests int = 50

param databaseSku string = 'Standard_B1ms'

@allowed(['Burstable', 'GeneralPurpose', 'MemoryOptimized'])
param databaseTier string = 'Burstable'

param databaseStorageGb int = 32
param databaseBackupDays int = 7

@description('A network of one\'s own, which costs an address and a load balancer: all three or none of them.')
param appsSubnetId string = ''
param databaseSubnetId string = ''
param privateDnsZoneId string = ''

@description('Mail addresses that Azure tells.')
param alertMails array = []

@description('Webhooks that Azure tells, by name.')
@secure()
param alertWebhooks object = {}

@minValue(2)
param rejections int = 3

@minValue(1)
@maxValue(355)
param minutes int = 5

@minValue(1)
@maxValue(99)
param acceptedPercent int = 25

@description('Whether rejected tweets, masked, go to Application Insights with the event.')
param includeText bool = false

param retentionDays int = 30
param dailyCapGb int = 1

@description('UTC. Each look is a start of the trainer, and one of MLflow and the API where they sleep.')
param driftCron string = '7 * * * *'

@description('UTC.')
param retrainCron string = '0 3 * * 1'

param retrainArguments array = ['retrain']

@description('An image that was published with EXTRAS="--extra ray" uses all processors: with --engine ray at the end.')
param scoreArguments array = ['score', '/data/tweets', '/data/scored']

var hasOwnerKey = contains(secrets, 'owner-key') && !empty(secrets['owner-key'])
var hasAlertUrls = contains(secrets, 'alert-urls') && !empty(secrets['alert-urls'])
var hasSignIn = contains(secrets, 'sign-in') && !empty(secrets['sign-in'])

var secretNames = concat([
  'database-admin'
  'database-owner'
  'database-api'
  'database-mlflow'
  'subject-key'
  'api-keys'
  'ui-api-key'
  'trainer-api-key'
], hasOwnerKey ? ['owner-key'] : [], hasAlertUrls ? ['alert-urls'] : [], hasSignIn ? ['sign-in'] : [])

module monitoring '../modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: name
    location: location
    retentionDays: retentionDays
    dailyCapGb: dailyCapGb
  }
}

module vault 'vault.bicep' = {
  name: 'vault'
  params: {
    name: name
    location: location
    secrets: secrets
    secretNames: secretNames
  }
}

module mayPull '../modules/acr-pull.bicep' = if (!empty(acrName)) {
  name: 'may-pull'
  params: {
    registryName: acrName
    principalId: vault.outputs.principalId
  }
}

module database 'database.bicep' = {
  name: 'database'
  params: {
    name: name
    location: location
    sku: databaseSku
    tier: databaseTier
    storageGb: databaseStorageGb
    backupDays: databaseBackupDays
    adminPassword: secrets['database-admin']
    subnetId: databaseSubnetId
    privateDnsZoneId: privateDnsZoneId
  }
}

module home 'environment.bicep' = {
  name: 'environment'
  params: {
    name: name
    location: location
    workspaceName: monitoring.outputs.workspaceName
    principalId: vault.outputs.principalId
    subnetId: appsSubnetId
  }
}

module apps 'apps.bicep' = {
  name: 'apps'
  params: {
    platform: {
      location: location
      environmentId: home.outputs.environmentId
      identityId: vault.outputs.identityId
      vaultUri: vault.outputs.vaultUri
      // How azd finds again what it made.
      tags: { 'azd-env-name': name }
      registries: empty(acrName) ? [] : [
        { server: '${acrName}.azurecr.io', identity: vault.outputs.identityId }
      ]
    }
    images: {
      inference: inferenceImage
      ui: uiImage
      mlflow: mlflowImage
      trainer: trainerImage
    }
    people: {
      owners: owners
      reviewers: reviewers
      viewers: viewers
    }
    secretNames: secretNames
    domain: home.outputs.domain
    databaseHost: database.outputs.host
    databaseAdmin: database.outputs.adminLogin
    identityClientId: vault.outputs.clientId
    artifactsDestination: home.outputs.artifactsDestination
    datasetsStorage: home.outputs.datasetsStorage
    tweetsStorage: home.outputs.tweetsStorage
    connectionString: monitoring.outputs.connectionString
    pagesAllowedFrom: pagesAllowedFrom
    minReplicas: minReplicas
    maxReplicas: maxReplicas
    concurrentRequests: concurrentRequests
    rejections: rejections
    minutes: minutes
    includeText: includeText
    driftCron: driftCron
    retrainCron: retrainCron
    retrainArguments: retrainArguments
    scoreArguments: scoreArguments
  }
  dependsOn: [
    mayPull
  ]
}

module alerts '../modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    name: name
    location: location
    componentId: monitoring.outputs.componentId
    mailReceivers: alertMails
    webhookReceivers: alertWebhooks
    rejections: rejections
    minutes: minutes
    acceptedPercent: acceptedPercent
    withCpuBudget: false
  }
}

module workbook '../modules/workbook.bicep' = {
  name: 'workbook'
  params: {
    name: name
    location: location
    componentId: monitoring.outputs.componentId
  }
}

// azd keeps outputs in capitals as variables of its environment.
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = empty(acrName) ? '' : '${acrName}.azurecr.io'
output AZURE_CONTAINER_ENVIRONMENT_NAME string = home.outputs.environmentName
output AZURE_KEY_VAULT_NAME string = vault.outputs.vaultName
output AZURE_STORAGE_ACCOUNT string = home.outputs.storageAccount
output SERVICE_INFERENCE_URI string = apps.outputs.apiUrl
output SERVICE_UI_URI string = apps.outputs.pagesUrl
output NEXT_STEP string = empty(mlflowImage) ? 'az containerapp job start --name migrate --resource-group ${resourceGroup().name}' : ''
