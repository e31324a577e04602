// Brings the database up to date, and ends: roles and databases first, then the tables. Started by hand, or by the deploy
// tool before it moves the API: az containerapp job start --name migrate --resource-group RG

@description('{location, environmentId, identityId, vaultUri, registries, tags}')
param platform object

@description('By digest; empty before anything was built.')
param image string

param databaseHost string
param databaseAdmin string

var isBuilt = !empty(image)

var tablesOwner = 'database-owner'

// Under these names roles.py asks for them.
var databaseSecrets = [
  'database-admin'
  tablesOwner
  'database-api'
  'database-mlflow'
]

var keptSecrets = [for secret in databaseSecrets: {
  name: secret
  keyVaultUrl: '${platform.vaultUri}secrets/${secret}'
  identity: platform.identityId
}]

var databaseFiles = [for secret in databaseSecrets: {
  secretRef: secret
  path: secret
}]

resource migrate 'Microsoft.App/jobs@2025-01-01' = {
  name: 'migrate'
  location: platform.location
  tags: platform.tags
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
      triggerType: 'Manual'
      replicaTimeout: 1800
      replicaRetryLimit: 1
      manualTriggerConfig: {
        parallelism: 1
        replicaCompletionCount: 1
      }
      registries: platform.registries
      secrets: keptSecrets
    }
    template: {
      containers: [
        {
          name: 'migrate'
          image: isBuilt ? image : 'mcr.microsoft.com/k8se/quickstart-jobs:latest'
          // First the roles, as the server's administrator: the image has the driver, and the script comes along. In one
          // container, so that whoever moves the image has one to move.
          command: isBuilt ? [
            'sh'
            '-c'
            'python -c "$ROLES" && exec alembic upgrade head'
          ] : null
          env: [
            { name: 'ENVIRONMENT', value: 'production' }
            { name: 'ROLES', value: loadTextContent('roles.py') }
            { name: 'DATABASE_HOST', value: databaseHost }
            { name: 'DATABASE_ADMIN', value: databaseAdmin }
            { name: 'PGSSLMODE', value: 'require' }
            { name: 'INFERENCE_DATABASE_URL', value: 'postgresql://inference_owner@${databaseHost}:5432/inference?sslmode=require' }
          ]
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          volumeMounts: [
            {
              volumeName: 'secrets'
              mountPath: '/run/secrets'
            }
          ]
        }
      ]
      volumes: [
        {
          name: 'secrets'
          storageType: 'Secret'
          secrets: concat([
            {
              secretRef: tablesOwner
              path: 'inference_database_password'
            }
          ], databaseFiles)
        }
      ]
    }
  }
}
