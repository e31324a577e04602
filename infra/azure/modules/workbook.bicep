// The workbook: what people reject, at a glance. Its queries are files, so that they can be checked like the alerts'.

param name string
param location string

@description('The Application Insights component that the queries ask.')
param componentId string

// For all queries; Azure narrows `timestamp` to it, so that none of them has to.
var timeRange = 'TimeRange'
var resourceKind = 'microsoft.insights/components'

var content = {
  version: 'Notebook/1.0'
  items: [
    {
      type: 1
      name: 'title'
      content: {
        json: '# Sentiment of tweets\nWhat people rejected, of what was served. The service sends each rejection, and of the served predictions a share; `itemCount` says how many each stands for.'
      }
    }
    {
      type: 9
      name: 'range'
      content: {
        version: 'KqlParameterItem/1.0'
        style: 'pills'
        parameters: [
          {
            id: guid(componentId, timeRange)
            version: 'KqlParameterItem/1.0'
            name: timeRange
            label: 'Time'
            type: 4
            isRequired: true
            value: {
              durationMs: 86400000
            }
            typeSettings: {
              allowCustom: true
              selectableValues: [
                { durationMs: 3600000 }
                { durationMs: 14400000 }
                { durationMs: 86400000 }
                { durationMs: 604800000 }
                { durationMs: 2592000000 }
              ]
            }
          }
        ]
      }
    }
    {
      type: 3
      name: 'rejections-over-time'
      content: {
        version: 'KqlItem/1.0'
        title: 'Rejected predictions'
        query: loadTextContent('../workbook/rejections_over_time.kql')
        queryType: 0
        resourceType: resourceKind
        timeContextFromParameter: timeRange
        visualization: 'timechart'
      }
    }
    {
      type: 3
      name: 'rejection-share'
      content: {
        version: 'KqlItem/1.0'
        title: 'Share of rejected predictions'
        query: loadTextContent('../workbook/rejection_share.kql')
        queryType: 0
        resourceType: resourceKind
        timeContextFromParameter: timeRange
        visualization: 'timechart'
      }
    }
    {
      type: 3
      name: 'rejections-by-version'
      content: {
        version: 'KqlItem/1.0'
        title: 'By version of the model'
        query: loadTextContent('../workbook/rejections_by_version.kql')
        queryType: 0
        resourceType: resourceKind
        timeContextFromParameter: timeRange
        visualization: 'table'
      }
    }
    {
      type: 3
      name: 'served-by-label'
      content: {
        version: 'KqlItem/1.0'
        title: 'What was served'
        query: loadTextContent('../workbook/served_by_label.kql')
        queryType: 0
        resourceType: resourceKind
        timeContextFromParameter: timeRange
        visualization: 'timechart'
      }
    }
    {
      type: 3
      name: 'last-rejected'
      content: {
        version: 'KqlItem/1.0'
        title: 'Rejected last (the text only where INFERENCE_TELEMETRY_INCLUDE_TEXT is set)'
        query: loadTextContent('../workbook/last_rejected.kql')
        queryType: 0
        resourceType: resourceKind
        timeContextFromParameter: timeRange
        visualization: 'table'
      }
    }
    {
      type: 3
      name: 'cpu-budget'
      content: {
        version: 'KqlItem/1.0'
        title: 'Warnings of the processor budget (free plan)'
        query: loadTextContent('../workbook/cpu_budget.kql')
        queryType: 0
        resourceType: resourceKind
        timeContextFromParameter: timeRange
        visualization: 'table'
      }
    }
  ]
  fallbackResourceIds: [
    componentId
  ]
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  // Its name has to be a GUID, and the same one at every deployment.
  name: guid(resourceGroup().id, name, 'workbook')
  location: location
  kind: 'shared'
  properties: {
    displayName: '${name}: rejected predictions'
    category: 'workbook'
    sourceId: componentId
    serializedData: string(content)
  }
}
