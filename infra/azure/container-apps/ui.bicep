// The pages. A browser stays with one replica: what somebody has typed is in its memory.

@description('{location, environmentId, identityId, vaultUri, registries, tags}')
param platform object

@description('By digest; empty before anything was built.')
param image string

@description('[{name, file}]: which secret of the vault is which file of /run/secrets.')
param secretFiles array

@description('[{name, value}]')
param variables array

param minReplicas int

@description('Address ranges (CIDR) that reach the pages; empty is everybody.')
param allowedFrom array

var isBuilt = !empty(image)

var allowed = [for (cidr, i) in allowedFrom: {
  name: 'allowed-${i}'
  action: 'Allow'
  ipAddressRange: cidr
}]

var keptSecrets = [for each in secretFiles: {
  name: each.name
  keyVaultUrl: '${platform.vaultUri}secrets/${each.name}'
  identity: platform.identityId
}]

var mountedFiles = [for each in secretFiles: {
  secretRef: each.name
  path: each.file
}]

resource ui 'Microsoft.App/containerApps@2025-01-01' = {
  name: 'ui'
  location: platform.location
  tags: union(platform.tags, { 'azd-service-name': 'ui' })
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
      // Sticky sessions ask for it.
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 5
      ingress: {
        external: true
        targetPort: 8501
        // HTTP and websockets.
        transport: 'auto'
        allowInsecure: false
        stickySessions: {
          affinity: 'sticky'
        }
        ipSecurityRestrictions: allowed
      }
      registries: platform.registries
      secrets: keptSecrets
    }
    template: {
      containers: [
        {
          name: 'ui'
          image: isBuilt ? image : 'mcr.microsoft.com/azuredocs/containerapps-helloworld:latest'
          env: variables
          resources: {
            // Some 85 MB for each file of 100,000 tweets that somebody has open.
            cpu: json('1.0')
            memory: '2Gi'
          }
          probes: isBuilt ? [
            {
              type: 'Startup'
              httpGet: {
                path: '/_stcore/health'
                port: 8501
              }
              periodSeconds: 5
              failureThreshold: 10
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/_stcore/health'
                port: 8501
              }
              periodSeconds: 10
              timeoutSeconds: 3
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
      scale: {
        minReplicas: minReplicas
        maxReplicas: 1
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

output url string = 'https://${ui.properties.configuration.ingress.fqdn}'
