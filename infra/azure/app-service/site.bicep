// One site of the App Service plan: a container by its digest, shut as far as the plan allows.

param name string
param location string
param planId string

@description('HOST/PATH@sha256:...')
param image string

param healthCheckPath string
param alwaysOn bool

@description('A page with a websocket for each tab: those go to the same instance again.')
param isPage bool

@description('Address ranges that may reach the site; empty is everybody.')
param allowedFrom array = []

@description('A container registry of Azure that the image comes from, with the identity of this site; empty is any other.')
param acrName string

@description('Seconds of processor time within a day from which on it warns; 0 is never.')
param warnAtSeconds int

param actionGroupId string

@description('Variables of the container. Secure as a whole, because some of them are.')
@secure()
param settings object

resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  kind: 'app,linux,container'
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    serverFarmId: planId
    reserved: true
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    clientAffinityEnabled: isPage
    siteConfig: {
      linuxFxVersion: 'DOCKER|${image}'
      acrUseManagedIdentityCreds: !empty(acrName)
      alwaysOn: alwaysOn
      healthCheckPath: healthCheckPath
      http20Enabled: true
      webSocketsEnabled: isPage
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      remoteDebuggingEnabled: false
      httpLoggingEnabled: true
      detailedErrorLoggingEnabled: true
      requestTracingEnabled: true
      logsDirectorySizeLimit: 35
      ipSecurityRestrictionsDefaultAction: empty(allowedFrom) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [for (cidr, i) in allowedFrom: {
        name: 'allowed-${i}'
        action: 'Allow'
        priority: 100 + i
        ipAddress: cidr
      }]
      appSettings: [for setting in items(settings): {
        name: setting.key
        value: setting.value
      }]
    }
  }
}

// Nobody publishes with a password: the image is moved by whoever Azure knows.
resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

// A site has its identity only once it is there, so that its first pull may be refused. Azure tries again.
module mayPull '../modules/acr-pull.bicep' = if (!empty(acrName)) {
  name: '${name}-may-pull'
  params: {
    registryName: acrName
    principalId: site.identity.principalId
  }
}

// Azure's own count of processor time, beside the service's: it goes on where the service cannot send any more.
resource warning 'Microsoft.Insights/metricAlerts@2018-03-01' = if (warnAtSeconds > 0) {
  name: '${name}-cpu-time'
  location: 'global'
  properties: {
    description: 'The plan stops its sites when their processor time of the day is spent. A larger plan: sku=B1.'
    severity: 2
    enabled: true
    scopes: [
      site.id
    ]
    evaluationFrequency: 'PT15M'
    windowSize: 'P1D'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'processor-time'
          metricNamespace: 'Microsoft.Web/sites'
          metricName: 'CpuTime'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: warnAtSeconds
        }
      ]
    }
    autoMitigate: true
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}

output hostName string = site.properties.defaultHostName
