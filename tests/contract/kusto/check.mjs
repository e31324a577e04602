// What the Kusto language service says of queries: node check.mjs FOLDER_WITH_NODE_MODULES < {"name": "query", ...}
// Answers {"name": ["severity: message", ...], ...}; an empty list is a query that Azure would take.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// The columns of customEvents, as Application Insights documents them.
const CUSTOM_EVENTS = `(timestamp: datetime, name: string, itemType: string, customDimensions: dynamic,
  customMeasurements: dynamic, operation_Name: string, operation_Id: string, operation_ParentId: string,
  operation_SyntheticSource: string, session_Id: string, user_Id: string, user_AuthenticatedId: string,
  user_AccountId: string, application_Version: string, client_Type: string, client_Model: string, client_OS: string,
  client_IP: string, client_City: string, client_StateOrProvince: string, client_CountryOrRegion: string,
  client_Browser: string, cloud_RoleName: string, cloud_RoleInstance: string, appId: string, appName: string,
  iKey: string, sdkVersion: string, itemId: string, itemCount: int, _ResourceId: string)`;

const load = createRequire(join(process.argv[2], "package.json"));
// The first makes the globals that the second fills.
load("@kusto/language-service-next/bridge.min.js");
load("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

const table = new Symbols.TableSymbol.$ctor7("customEvents", CUSTOM_EVENTS, "");
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("component", [table]));

function complaints(query) {
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, i) => found.getItem(i)).map((it) => `${it.Severity}: ${it.Message}`);
}

const queries = Object.entries(JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(Object.fromEntries(queries.map(([name, query]) => [name, complaints(query)]))));
