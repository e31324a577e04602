// Where telemetry goes: a Log Analytics workspace, and Application Insights on top of it.

param name string
param location string

@description('Days that logs and events are kept. Up to 30 are part of the price of a gigabyte.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Gigabytes a day that the workspace takes; what comes beyond it is dropped until the next day. -1 is no limit.')
@minValue(-1)
param dailyCapGb int

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    // A loop that logs too much ends at the cap and not on the bill. The alerts see nothing beyond it either.
    workspaceCapping: {
      dailyQuotaGb: dailyCapGb
    }
    features: {
      // Whoever may read a resource may read its logs, without a right on the whole workspace.
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-insights'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    // The services send with the connection string, which is no secret: it can only add events, and reads none.
    DisableLocalAuth: false
    // Addresses of callers are not kept.
    DisableIpMasking: false
  }
}

output workspaceName string = workspace.name
output componentId string = insights.id
output connectionString string = insights.properties.ConnectionString
