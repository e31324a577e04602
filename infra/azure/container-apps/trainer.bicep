// The trainer's scheduled jobs: the look for drift, and a challenger made of people's verdicts.

@description('{location, environmentId, identityId, vaultUri, registries, tags}')
param platform object

@description('By digest; empty before anything was built.')
param image string

param datasetsStorage string
param apiUrl string
param mlflowUrl string

@description('[{name, file}]: which secret of the vault is which file of /run/secrets.')
param secretFiles array

@description('When to look for drift, in UTC.')
param driftCron string

@description('When to make a challenger, in UTC.')
param retrainCron string

@description('What `trainer` is told then.')
param retrainArguments array

var isBuilt = !empty(image)

var keptSecrets = [for each in secretFiles: {
  name: each.name
  keyVaultUrl: '${platform.vaultUri}secrets/${each.name}'
  identity: platform.identityId
}]

var mountedFiles = [for each in secretFiles: {
  secretRef: each.name
  path: each.file
}]

// Ends at once, and well.
var placeholder = 'mcr.microsoft.com/k8se/quickstart-jobs:latest'

var variables = [
  { name: 'ENVIRONMENT', value: 'production' }
  { name: 'MLFLOW_TRACKING_URI', value: mlflowUrl }
  { name: 'TRAINER_API_URL', value: apiUrl }
  // A challenger that passed the gate waits for a person.
  { name: 'TRAINER_PROMOTION_POLICY', value: 'person' }
]

var secretsMount = [
  {
    volumeName: 'secrets'
    mountPath: '/run/secrets'
  }
]

resource drift 'Microsoft.App/jobs@2025-01-01' = {
  name: 'drift'
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
      triggerType: 'Schedule'
      replicaTimeout: 1800
      replicaRetryLimit: 0
      scheduleTriggerConfig: {
        cronExpression: driftCron
        parallelism: 1
        replicaCompletionCount: 1
      }
      registries: platform.registries
      secrets: keptSecrets
    }
    template: {
      containers: [
        {
          name: 'drift'
          image: isBuilt ? image : placeholder
          // An empty registry first gets the champion that comes with the image; any other stays as it is.
          command: isBuilt ? [
            'sh'
            '-c'
            'python -m trainer register models/champion --champion-if-none && exec python -m trainer drift'
          ] : null
          env: variables
          resources: {
            cpu: json('1.0')
            memory: '2Gi'
          }
          volumeMounts: secretsMount
        }
      ]
      volumes: [
        {
          name: 'secrets'
          storageType: 'Secret'
          secrets: mountedFiles
        }
      ]
    }
  }
}

resource retrain 'Microsoft.App/jobs@2025-01-01' = {
  name: 'retrain'
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
      triggerType: 'Schedule'
      replicaTimeout: 21600
      replicaRetryLimit: 0
      scheduleTriggerConfig: {
        cronExpression: retrainCron
        parallelism: 1
        replicaCompletionCount: 1
      }
      registries: platform.registries
      secrets: keptSecrets
    }
    template: {
      containers: [
        {
          name: 'retrain'
          image: isBuilt ? image : placeholder
          args: isBuilt ? retrainArguments : null
          env: variables
          resources: {
            // A fit on all of Sentiment140 wants this much.
            cpu: json('4.0')
            memory: '8Gi'
          }
          volumeMounts: concat(secretsMount, [
            {
              volumeName: 'datasets'
              mountPath: '/app/data/raw'
            }
          ])
        }
      ]
      volumes: [
        {
          name: 'datasets'
          storageType: 'AzureFile'
          storageName: datasetsStorage
          mountOptions: 'uid=10001,gid=10001,dir_mode=0500,file_mode=0400,nobrl,mfsymlinks'
        }
        {
          name: 'secrets'
          storageType: 'Secret'
          secrets: mountedFiles
        }
      ]
    }
  }
}
