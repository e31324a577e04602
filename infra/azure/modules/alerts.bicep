// The alerts as code: who is told, and the three rules, from the very .kql files that the tests read.

param name string
param location string

@description('The Application Insights component that the rules ask.')
param componentId string

@description('Mail addresses that are told.')
param mailReceivers array

@description('Webhooks that are told, by name: {"chat": "https://..."}. Secure, because most addresses hold a token.')
@secure()
param webhookReceivers object = {}

@description('So many rejected predictions are a burst.')
@minValue(2)
param rejections int

@description('... within so many minutes.')
@minValue(1)
@maxValue(355)
param minutes int

@description('Rejected predictions of a hundred served that are accepted.')
@minValue(1)
@maxValue(99)
param acceptedPercent int

@description('Whether the site has a budget of processor time (the free plan of App Service).')
param withCpuBudget bool

@description('0 is critical, 4 is verbose.')
@minValue(0)
@maxValue(4)
param burstSeverity int = 1

@minValue(0)
@maxValue(4)
param rateSeverity int = 2

@minValue(0)
@maxValue(4)
param cpuSeverity int = 2

// The smallest window that Azure offers of at least the minutes and the frequency together: every burst then lies whole
// in one of the rule's windows. The exact minutes stay in the query, which slides over the rows of the window.
var window = minutes <= 5 ? 'PT10M' : (minutes <= 10 ? 'PT15M' : (minutes <= 25 ? 'PT30M' : (minutes <= 40 ? 'PT45M' : (minutes <= 55 ? 'PT1H' : (minutes <= 115 ? 'PT2H' : (minutes <= 175 ? 'PT3H' : (minutes <= 235 ? 'PT4H' : (minutes <= 295 ? 'PT5H' : 'PT6H'))))))))

var burstQuery = replace(replace(loadTextContent('../alerts/rejected_burst.kql'), 'let n = 3;', 'let n = ${rejections};'), 'let m = 5m;', 'let m = ${minutes}m;')
// Bicep knows no decimal fractions; the query divides.
var rateQuery = replace(loadTextContent('../alerts/rejection_rate.kql'), 'let accepted = 0.25;', 'let accepted = ${acceptedPercent} / 100.0;')

var rules = [
  {
    name: 'rejected-burst'
    title: '${rejections} predictions rejected within ${minutes} minutes'
    description: 'People reject what the model says, one after the other. The page Monitor shows which.'
    severity: burstSeverity
    query: burstQuery
    window: window
  }
  {
    name: 'rejection-rate'
    title: 'More than ${acceptedPercent} % of a version rejected'
    description: 'The share of rejected predictions is surely above what is accepted (docs/alert-rules.md).'
    severity: rateSeverity
    query: rateQuery
    window: 'PT10M'
  }
]

var cpuRules = withCpuBudget ? [
  {
    name: 'cpu-budget'
    title: 'The processor time of the free plan runs out'
    description: 'When it is spent the plan stops the site until the next day. A larger plan: sku=B1.'
    severity: cpuSeverity
    query: loadTextContent('../alerts/cpu_budget.kql')
    window: 'PT10M'
  }
] : []

resource told 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-told'
  location: 'global'
  properties: {
    // Twelve characters at most; it is the sender's name in a text message.
    groupShortName: 'sentiment'
    enabled: true
    emailReceivers: [for (address, i) in mailReceivers: {
      name: 'mail-${i}'
      emailAddress: address
      useCommonAlertSchema: true
    }]
    webhookReceivers: [for hook in items(webhookReceivers): {
      name: hook.key
      serviceUri: hook.value
      useCommonAlertSchema: true
    }]
  }
}

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in concat(rules, cpuRules): {
  name: '${name}-${rule.name}'
  location: location
  kind: 'LogAlert'
  properties: {
    displayName: rule.title
    description: rule.description
    severity: rule.severity
    enabled: true
    scopes: [
      componentId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: rule.window
    criteria: {
      allOf: [
        {
          query: rule.query
          // Any row fires: each query returns rows only where there is something to say.
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    // Told once when it begins and once when it is over, and not every five minutes in between.
    autoMitigate: true
    // A component that is minutes old may refuse a query for want of data; the tests of this repository read them.
    skipQueryValidation: true
    actions: {
      actionGroups: [
        told.id
      ]
    }
  }
}]

output actionGroupId string = told.id
