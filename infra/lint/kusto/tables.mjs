// The tables of Application Insights: as the component has them, and as the workspace behind it has the same rows.
// From Microsoft's "Migrate to workspace-based Application Insights resources", section "Table schemas".

// Name and type in the component, name in the workspace ("" where it has none), type there where it is another.
const EVERYWHERE = [
  ["timestamp", "datetime", "TimeGenerated"],
  ["itemType", "string", "Type"],
  ["customDimensions", "dynamic", "Properties"],
  ["operation_Name", "string", "OperationName"],
  ["operation_Id", "string", "OperationId"],
  ["operation_ParentId", "string", "ParentId"],
  ["operation_SyntheticSource", "string", "SyntheticSource"],
  ["session_Id", "string", "SessionId"],
  ["user_Id", "string", "UserId"],
  ["user_AuthenticatedId", "string", "UserAuthenticatedId"],
  ["user_AccountId", "string", "UserAccountId"],
  ["application_Version", "string", "AppVersion"],
  ["client_Type", "string", "ClientType"],
  ["client_Model", "string", "ClientModel"],
  ["client_OS", "string", "ClientOS"],
  ["client_IP", "string", "ClientIP"],
  ["client_City", "string", "ClientCity"],
  ["client_StateOrProvince", "string", "ClientStateOrProvince"],
  ["client_CountryOrRegion", "string", "ClientCountryOrRegion"],
  ["client_Browser", "string", "ClientBrowser"],
  ["cloud_RoleName", "string", "AppRoleName"],
  ["cloud_RoleInstance", "string", "AppRoleInstance"],
  ["appId", "string", "ResourceGUID"],
  ["appName", "string", ""],
  ["iKey", "string", "IKey"],
  ["sdkVersion", "string", "SDKVersion"],
  ["itemId", "string", ""],
  ["_ResourceId", "string", "_ResourceId"],
];
const NAME = ["name", "string", "Name"];
const MEASURED = [
  ["itemCount", "int", "ItemCount"],
  ["customMeasurements", "dynamic", "Measurements"],
];
const CALL = [
  NAME,
  ...MEASURED,
  ["id", "string", "Id"],
  ["duration", "real", "DurationMs"],
  ["performanceBucket", "string", "PerformanceBucket"],
];
const ANSWERED = [
  ["success", "string", "Success", "bool"],
  ["resultCode", "string", "ResultCode"],
];
// Columns that differ in nothing but their first letter.
const capital = (type, ...names) => names.map((name) => [name, type, name[0].toUpperCase() + name.slice(1)]);

const TABLES = [
  ["customEvents", "AppEvents", [NAME, ...MEASURED]],
  ["requests", "AppRequests", [...CALL, ...ANSWERED, ...capital("string", "source", "url")]],
  [
    "dependencies",
    "AppDependencies",
    [...CALL, ...ANSWERED, ...capital("string", "data", "target"), ["type", "string", "DependencyType"]],
  ],
  [
    "exceptions",
    "AppExceptions",
    [
      ...MEASURED,
      ...capital("string", "assembly", "handledAt", "message", "method", "problemId"),
      ...capital("string", "innermostAssembly", "innermostMessage", "innermostMethod", "innermostType"),
      ...capital("string", "outerAssembly", "outerMessage", "outerMethod", "outerType"),
      ...capital("dynamic", "details"),
      ...capital("int", "severityLevel"),
      ["type", "string", "ExceptionType"],
    ],
  ],
  ["traces", "AppTraces", [...MEASURED, ...capital("string", "message"), ...capital("int", "severityLevel")]],
  [
    "customMetrics",
    "AppMetrics",
    [
      NAME,
      ["value", "real", ""],
      ["valueCount", "int", "ItemCount"],
      ["valueSum", "real", "Sum"],
      ["valueMin", "real", "Min"],
      ["valueMax", "real", "Max"],
      ["valueStdDev", "real", ""],
    ],
  ],
  [
    "performanceCounters",
    "AppPerformanceCounters",
    [NAME, ["counter", "string", ""], ...capital("string", "category", "instance"), ...capital("real", "value")],
  ],
  [
    "availabilityResults",
    "AppAvailabilityResults",
    [...CALL, ANSWERED[0], ...capital("string", "location", "message"), ...capital("real", "size")],
  ],
  ["pageViews", "AppPageViews", [...CALL, ...capital("string", "url")]],
  [
    "browserTimings",
    "AppBrowserTimings",
    [
      NAME,
      ...MEASURED,
      ...capital("string", "url", "performanceBucket"),
      ["networkDuration", "real", "NetworkDurationMs"],
      ["processingDuration", "real", "ProcessingDurationMs"],
      ["receiveDuration", "real", "ReceiveDurationMs"],
      ["sendDuration", "real", "SendDurationMs"],
      ["totalDuration", "real", "TotalDurationMs"],
    ],
  ],
];
const WORKSPACE_ONLY = [
  ["TenantId", "string"],
  ["SourceSystem", "string"],
  ["_SubscriptionId", "string"],
  ["_BilledSize", "real"],
  ["_IsBillable", "string"],
];

// {table: {column: type}}
export function schemas() {
  return Object.fromEntries(TABLES.flatMap(([component, workspace, own]) => {
    const columns = [...EVERYWHERE, ...own];
    const kept = columns.filter(([, , name]) => name !== "").map(([, type, name, other]) => [name, other ?? type]);
    return [
      [component, Object.fromEntries(columns.map(([name, type]) => [name, type]))],
      [workspace, Object.fromEntries([...kept, ...WORKSPACE_ONLY])],
    ];
  }));
}
