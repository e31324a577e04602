// Labels a folder of tweets in the share `tweets`. Started by hand, any number of times: what is labelled is not labelled
// again. az containerapp job start --name score --resource-group RG

@description('{location, environmentId, identityId, vaultUri, registries, tags}')
param platform object

@description('By digest; empty before anything was built.')
param image string

param tweetsStorage string
param mlflowUrl string

@description('What `trainer` is told.')
param scoreArguments array

var isBuilt = !empty(image)

resource score 'Microsoft.App/jobs@2025-01-01' = {
  name: 'score'
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
      // A day. What was stopped is started again by hand, and goes on; what was killed goes on by itself.
      replicaTimeout: 86400
      replicaRetryLimit: 3
      // One, which writes the folder alone.
      manualTriggerConfig: {
        parallelism: 1
        replicaCompletionCount: 1
      }
      registries: platform.registries
    }
    template: {
      containers: [
        {
          name: 'score'
          image: isBuilt ? image : 'mcr.microsoft.com/k8se/quickstart-jobs:latest'
          args: isBuilt ? scoreArguments : null
          env: [
            { name: 'ENVIRONMENT', value: 'production' }
            { name: 'MLFLOW_TRACKING_URI', value: mlflowUrl }
          ]
          resources: {
            cpu: json('4.0')
            memory: '8Gi'
          }
          volumeMounts: [
            {
              volumeName: 'tweets'
              mountPath: '/data'
            }
          ]
        }
      ]
      volumes: [
        {
          name: 'tweets'
          storageType: 'AzureFile'
          storageName: tweetsStorage
          mountOptions: 'uid=10001,gid=10001,dir_mode=0700,file_mode=0600,nobrl,mfsymlinks'
        }
      ]
    }
  }
}
