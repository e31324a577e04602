// The API: from no replica to as many as are allowed, by the requests that are in flight.

@description('{location, environmentId, identityId, vaultUri, registries, tags}')
param platform object

@description('By digest; empty before anything was built: then a picture of Azure\'s stands in.')
param image string

@description('[{name, file}]: which secret of the vault is which file of /run/secrets.')
param secretFiles array

@description('[{name, value}]')
param variables array

param minReplicas int
param maxReplicas int

@description('Requests in flight in one replica, beyond which another is started.')
param concurrentRequests int

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

resource inference 'Microsoft.App/containerApps@2025-01-01' = {
  name: 'inference'
  location: platform.location
  tags: union(platform.tags, { 'azd-service-name': 'inference' })
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
        external: true
        targetPort: 8000
        transport: 'http'
        allowInsecure: false
      }
      registries: platform.registries
      secrets: keptSecrets
    }
    template: {
      // Longer than gunicorn needs to finish what it has begun.
      terminationGracePeriodSeconds: 40
      containers: [
        {
          name: 'inference'
          image: isBuilt ? image : 'mcr.microsoft.com/azuredocs/containerapps-helloworld:latest'
          env: variables
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          probes: isBuilt ? [
            {
              type: 'Startup'
              httpGet: {
                path: '/health/live'
                port: 8000
              }
              periodSeconds: 5
              failureThreshold: 10
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/health/live'
                port: 8000
              }
              periodSeconds: 10
              timeoutSeconds: 3
              failureThreshold: 6
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/health/ready'
                port: 8000
              }
              periodSeconds: 5
              timeoutSeconds: 3
              failureThreshold: 3
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
      scale: {
        minReplicas: minReplicas
        maxReplicas: maxReplicas
        rules: [
          {
            name: 'requests'
            http: {
              metadata: {
                concurrentRequests: string(concurrentRequests)
              }
            }
          }
        ]
      }
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

output url string = 'https://${inference.properties.configuration.ingress.fqdn}'
