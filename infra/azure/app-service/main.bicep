// (A) App Service, on the free plan: the API with the champion in its image, and the pages. Nothing else is needed:
//
//   az deployment group create --resource-group RG --template-file infra/azure/app-service/main.bicep \
//     --parameters @infra/azure/app-service/main.parameters.json --parameters @secrets/azure/app-service.json
//
// The first file is main.parameters.example.json with your own values, the second `make azure-parameters` writes.
// What the free plan gives and what is known of it by report only: docs/deployment.md. A larger plan: sku=B1.
targetScope = 'resourceGroup'

@description('The sites are NAME-api and NAME-pages, and their addresses below azurewebsites.net; nobody else may have them.')
@minLength(2)
@maxLength(40)
param name string

param location string = resourceGroup().location

@allowed([
  'F1'
  'B1'
  'B2'
  'P0v3'
])
param sku string = 'F1'

@description('The API, by digest: HOST/PATH/inference@sha256:...')
param inferenceImage string

@description('The pages, by digest: HOST/PATH/ui@sha256:...')
param pagesImage string = ''

@description('Whether the pages run here too. They share memory and processor time of the plan with the API.')
param withPages bool = true

@description('Address ranges (CIDR) that reach the pages; empty is everybody.')
param pagesAllowedFrom array = []

@description('A container registry of Azure in this resource group that holds the images; empty where they are public, or the password below is given.')
param acrName string = ''

@description('For a private registry that is not of Azure.')
param registryUsername string = ''

@secure()
param registryPassword string = ''

@description('Hashed keys of the API, as `python -m inference new-key` prints them, apart by newlines or semicolons.')
@secure()
param apiKeys string

@description('Makes the pseudonyms of people; never change it.')
@secure()
param subjectKey string

@description('The pages\' own key for the API, one of those hashed above, with predict, feedback, read and admin.')
@secure()
param pagesApiKey string

@description('Whoever has it may promote and roll back. Empty, the keys with admin may.')
@secure()
param ownerKey string = ''

@description('The content of sign-in.toml. Empty, the pages stay closed to everybody (docs/operations.md).')
@secure()
param signIn string = ''

@description('Who may do what on the pages: mail addresses, apart by blanks or commas.')
param owners string = ''
param reviewers string = ''
param viewers string = ''

@description('A postgresql:// address with user, password and ?sslmode=require. Empty, a SQLite file that is copied to the site\'s storage.')
@secure()
param databaseUrl string = ''

@description('Who the service itself tells: Apprise addresses, apart by blanks.')
@secure()
param alertUrls string = ''

@description('Who Azure tells: mail addresses, and webhooks by name.')
param alertMails array = []
@secure()
param alertWebhooks object = {}

@description('So many rejections ...')
@minValue(2)
param rejections int = 3

@description('... within so many minutes are a burst, for the service and for Azure alike.')
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

var isFree = sku == 'F1'
var tiers = {
  F1: 'Free'
  B1: 'Basic'
  B2: 'Basic'
  P0v3: 'Premium0V3'
}
// Azure refuses always-on on the free plan: "AlwaysOn cannot be set for this site".
var alwaysOn = !isFree
var cpuMinutesADay = 60
// Both sites spend the same minutes, and a metric alert counts one of them. Where the sum has reached 80 %, at least one
// of two has reached half of that: it warns in time, and sometimes early. 0 is no warning.
var warnAtSeconds = isFree ? (cpuMinutesADay * 60 * 80 / 100) / (withPages ? 2 : 1) : 0
var pagesUrl = 'https://${name}-pages.azurewebsites.net'

var registrySettings = empty(registryPassword) ? {} : {
  DOCKER_REGISTRY_SERVER_URL: 'https://${split(inferenceImage, '/')[0]}'
  DOCKER_REGISTRY_SERVER_USERNAME: registryUsername
  DOCKER_REGISTRY_SERVER_PASSWORD: registryPassword
}

var apiSettings = {
  ENVIRONMENT: 'production'
  WEBSITES_PORT: '8000'
  // /home outlives the container. It is a network share, on which SQLite must not be written; so it holds a copy.
  WEBSITES_ENABLE_APP_SERVICE_STORAGE: 'true'
  // Of 5 s, which is what it has otherwise, answering the last requests takes three, and then the last copy is written.
  WEBSITES_CONTAINER_STOP_TIME_LIMIT: '40'
  APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
  INFERENCE_TELEMETRY_INCLUDE_TEXT: includeText ? 'true' : 'false'
  INFERENCE_WORKERS: '1'
  INFERENCE_BUNDLE: '/app/models/champion'
  INFERENCE_MIGRATE_AT_START: 'true'
  INFERENCE_DATABASE_URL: empty(databaseUrl) ? 'sqlite:////tmp/inference.db' : databaseUrl
  INFERENCE_SQLITE_COPY: empty(databaseUrl) ? '/home/data/inference.db' : ''
  INFERENCE_CPU_MINUTES_A_DAY: isFree ? string(cpuMinutesADay) : '0'
  INFERENCE_CPU_STATE_FILE: '/home/data/cpu.json'
  INFERENCE_API_KEYS: apiKeys
  INFERENCE_SUBJECT_KEY: subjectKey
  INFERENCE_OWNER_KEY: ownerKey
  INFERENCE_ALERT_URLS: alertUrls
  INFERENCE_ALERT_REJECTIONS: string(rejections)
  INFERENCE_ALERT_MINUTES: string(minutes)
  INFERENCE_ALERT_PAGE_URL: withPages ? '${pagesUrl}/monitor' : ''
  // Nobody reaches the container but through Azure's front end, which says who calls.
  FORWARDED_ALLOW_IPS: '*'
}

var pagesSettings = {
  ENVIRONMENT: 'production'
  WEBSITES_PORT: '8501'
  WEBSITES_ENABLE_APP_SERVICE_STORAGE: 'false'
  UI_API_URL: 'https://${api.outputs.hostName}'
  UI_API_KEY: pagesApiKey
  UI_OWNER_KEY: ownerKey
  UI_SIGN_IN: signIn
  UI_OWNERS: owners
  UI_REVIEWERS: reviewers
  UI_VIEWERS: viewers
  // A file of 100,000 tweets takes 85 MB for everybody who has one open, and the free plan has 1 GB for both sites.
  UI_BATCH_LIMIT: isFree ? '20000' : '200000'
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: '${name}-plan'
  location: location
  kind: 'linux'
  sku: {
    name: sku
    tier: tiers[sku]
    // The database is a file and the count of processor time is one, so there is one instance.
    capacity: 1
  }
  properties: {
    reserved: true
  }
}

module monitoring '../modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: name
    location: location
    retentionDays: retentionDays
    dailyCapGb: dailyCapGb
  }
}

module api 'site.bicep' = {
  name: 'api'
  params: {
    name: '${name}-api'
    location: location
    planId: plan.id
    image: inferenceImage
    healthCheckPath: '/health/ready'
    alwaysOn: alwaysOn
    isPage: false
    acrName: acrName
    actionGroupId: alerts.outputs.actionGroupId
    warnAtSeconds: warnAtSeconds
    settings: union(apiSettings, registrySettings)
  }
}

module pages 'site.bicep' = if (withPages) {
  name: 'pages'
  params: {
    name: '${name}-pages'
    location: location
    planId: plan.id
    image: pagesImage
    healthCheckPath: '/_stcore/health'
    alwaysOn: alwaysOn
    isPage: true
    allowedFrom: pagesAllowedFrom
    acrName: acrName
    actionGroupId: alerts.outputs.actionGroupId
    warnAtSeconds: warnAtSeconds
    settings: union(pagesSettings, registrySettings)
  }
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
    withCpuBudget: isFree
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

output apiUrl string = 'https://${api.outputs.hostName}'
output pagesUrl string = withPages ? pagesUrl : ''
