// The three apps and the four jobs of one environment, and what each is told.

@description('{location, environmentId, identityId, vaultUri, registries, tags}: what all of them share.')
param platform object

@description('{inference, ui, mlflow, trainer}: each by digest, or empty.')
param images object

@description('{owners, reviewers, viewers}')
param people object

@description('Which secrets the vault has.')
param secretNames array

param domain string
param databaseHost string
param databaseAdmin string
param identityClientId string
param artifactsDestination string
param datasetsStorage string
param tweetsStorage string
param connectionString string
param pagesAllowedFrom array
param minReplicas int
param maxReplicas int
param concurrentRequests int
param rejections int
param minutes int
param includeText bool
param driftCron string
param retrainCron string
param retrainArguments array
param scoreArguments array

var hasOwnerKey = contains(secretNames, 'owner-key')
var hasAlertUrls = contains(secretNames, 'alert-urls')
var hasSignIn = contains(secretNames, 'sign-in')

// Which secret is which file of /run/secrets (docs/secrets.md).
var inferenceFiles = concat([
  { name: 'database-api', file: 'inference_database_password' }
  { name: 'subject-key', file: 'inference_subject_key' }
  { name: 'api-keys', file: 'inference_api_keys' }
], hasOwnerKey ? [{ name: 'owner-key', file: 'inference_owner_key' }] : [], hasAlertUrls ? [{ name: 'alert-urls', file: 'inference_alert_urls' }] : [])

var uiFiles = concat([
  { name: 'ui-api-key', file: 'ui_api_key' }
], hasOwnerKey ? [{ name: 'owner-key', file: 'ui_owner_key' }] : [], hasSignIn ? [{ name: 'sign-in', file: 'sign-in.toml' }] : [])

var trainerFiles = concat([
  { name: 'trainer-api-key', file: 'trainer_api_key' }
], hasOwnerKey ? [{ name: 'owner-key', file: 'trainer_owner_key' }] : [])

module mlflow 'mlflow.bicep' = {
  name: 'mlflow'
  params: {
    platform: platform
    image: images.mlflow
    domain: domain
    databaseHost: databaseHost
    identityClientId: identityClientId
    artifactsDestination: artifactsDestination
  }
}

module inference 'inference.bicep' = {
  name: 'inference'
  params: {
    platform: platform
    image: images.inference
    secretFiles: inferenceFiles
    minReplicas: minReplicas
    maxReplicas: maxReplicas
    concurrentRequests: concurrentRequests
    variables: [
      { name: 'ENVIRONMENT', value: 'production' }
      { name: 'INFERENCE_DATABASE_URL', value: 'postgresql://inference_api@${databaseHost}:5432/inference?sslmode=require' }
      // Served until MLflow has answered: a replica that starts waits for nobody.
      { name: 'INFERENCE_BUNDLE', value: '/app/models/champion' }
      { name: 'INFERENCE_MLFLOW_URL', value: mlflow.outputs.url }
      { name: 'INFERENCE_WORKERS', value: '1' }
      { name: 'INFERENCE_ALERT_REJECTIONS', value: string(rejections) }
      { name: 'INFERENCE_ALERT_MINUTES', value: string(minutes) }
      { name: 'INFERENCE_ALERT_PAGE_URL', value: 'https://ui.${domain}/monitor' }
      { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: connectionString }
      { name: 'INFERENCE_TELEMETRY_INCLUDE_TEXT', value: includeText ? 'true' : 'false' }
      // Nobody reaches the container but through the environment's own proxy, which says who calls.
      { name: 'FORWARDED_ALLOW_IPS', value: '*' }
    ]
  }
}

module ui 'ui.bicep' = {
  name: 'ui'
  params: {
    platform: platform
    image: images.ui
    secretFiles: uiFiles
    minReplicas: 0
    allowedFrom: pagesAllowedFrom
    variables: concat([
      { name: 'ENVIRONMENT', value: 'production' }
      { name: 'UI_API_URL', value: inference.outputs.url }
      { name: 'UI_OWNERS', value: people.owners }
      { name: 'UI_REVIEWERS', value: people.reviewers }
      { name: 'UI_VIEWERS', value: people.viewers }
    ], hasSignIn ? [{ name: 'STREAMLIT_SECRETS_FILES', value: '/run/secrets/sign-in.toml' }] : [])
  }
}

module migrate 'migrate.bicep' = {
  name: 'migrate'
  params: {
    platform: platform
    image: images.inference
    databaseHost: databaseHost
    databaseAdmin: databaseAdmin
  }
}

module trainer 'trainer.bicep' = {
  name: 'trainer'
  params: {
    platform: platform
    image: images.trainer
    datasetsStorage: datasetsStorage
    apiUrl: inference.outputs.url
    mlflowUrl: mlflow.outputs.url
    secretFiles: trainerFiles
    driftCron: driftCron
    retrainCron: retrainCron
    retrainArguments: retrainArguments
  }
}

module scoring 'scoring.bicep' = {
  name: 'scoring'
  params: {
    platform: platform
    image: images.trainer
    tweetsStorage: tweetsStorage
    mlflowUrl: mlflow.outputs.url
    scoreArguments: scoreArguments
  }
}

output apiUrl string = inference.outputs.url
output pagesUrl string = ui.outputs.url
