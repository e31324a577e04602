// MLflow, for the others in the environment alone. It runs while somebody asks it: each replica of the API does, every five
// seconds, and the jobs do.

@description('{location, environmentId, identityId, vaultUri, registries, tags}')
param platform object

@description('By digest; empty before anything was built.')
param image string

@description('The domain of the environment.')
param domain string

param databaseHost string

@description('Of platform.identityId.')
param identityClientId string

@description('Where its files lie: wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/FOLDER')
param artifactsDestination string

var isBuilt = !empty(image)
// The file that infra/mlflow/start.sh reads, and the secret with its password.
var ownDatabase = 'database-mlflow'
var hostName = 'mlflow.internal.${domain}'

resource mlflow 'Microsoft.App/containerApps@2025-01-01' = {
  name: 'mlflow'
  location: platform.location
  tags: union(platform.tags, { 'azd-service-name': 'mlflow' })
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${platform.identityId}': {}
    }
  }
  properties: {
    environmentId: platform.environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 5
      ingress: {
        external: false
        targetPort: 5000
        transport: 'http'
        allowInsecure: false
      }
      registries: platform.registries
      secrets: [
        {
          name: ownDatabase
          keyVaultUrl: '${platform.vaultUri}secrets/${ownDatabase}'
          identity: platform.identityId
        }
      ]
    }
    template: {
      containers: [
        {
          name: 'mlflow'
          image: isBuilt ? image : 'mcr.microsoft.com/azuredocs/containerapps-helloworld:latest'
          env: [
            { name: 'ENVIRONMENT', value: 'production' }
            { name: 'MLFLOW_BACKEND_STORE_URI', value: 'postgresql+psycopg2://mlflow@${databaseHost}:5432/mlflow?sslmode=require' }
            // MLflow answers 403 to any other name; only /health answers to all.
            { name: 'MLFLOW_SERVER_ALLOWED_HOSTS', value: '${hostName},mlflow' }
            { name: 'MLFLOW_ARTIFACTS_DESTINATION', value: artifactsDestination }
            // The identity that may write there, and no other way to sign in.
            { name: 'AZURE_CLIENT_ID', value: identityClientId }
            { name: 'AZURE_TOKEN_CREDENTIALS', value: 'ManagedIdentityCredential' }
            { name: 'MLFLOW_SIGN_IN', value: 'false' }
            { name: 'MLFLOW_WORKERS', value: '1' }
          ]
          resources: {
            // With one worker it takes 530 MB.
            cpu: json('1.0')
            memory: '2Gi'
          }
          probes: isBuilt ? [
            {
              type: 'Startup'
              httpGet: {
                path: '/health'
                port: 5000
              }
              periodSeconds: 10
              timeoutSeconds: 3
              failureThreshold: 10
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/health'
                port: 5000
              }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 6
            }
          ] : []
          volumeMounts: [
            {
              volumeName: 'secrets'
              mountPath: '/run/secrets'
            }
          ]
        }
      ]
      // One: its first start makes the tables, and two at once would be in each other's way.
      scale: {
        minReplicas: 0
        maxReplicas: 1
      }
      volumes: [
        {
          name: 'secrets'
          storageType: 'Secret'
          secrets: [
            {
              secretRef: ownDatabase
              path: ownDatabase
            }
          ]
        }
      ]
    }
  }
}

output url string = 'https://${hostName}'
