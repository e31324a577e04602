// Microsoft's own Kusto language service: a query parsed and bound to the tables of Application Insights.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { schemas } from "./tables.mjs";

// The folder is one with the language service in its node_modules: scripts/kql.sh --install makes .tools/kusto.
export function openService(folder) {
  const load = createRequire(resolve(folder, "package.json"));
  // The first makes the globals that the second fills.
  load("@kusto/language-service-next/bridge.min.js");
  load("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
  const { GlobalState, KustoCode, Symbols, Syntax } = globalThis.Kusto.Language;
  const tables = Object.entries(schemas()).map(([name, columns]) => {
    const listed = Object.entries(columns).map(([column, type]) => `${column}: ${type}`);
    return new Symbols.TableSymbol.$ctor7(name, `(${listed.join(", ")})`, "");
  });
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("component", tables));
  return {
    analyze: (query) => KustoCode.ParseAndAnalyze(query, globals),
    kindOf: inverse(Syntax.SyntaxKind),
    symbolKindOf: inverse(Symbols.SymbolKind),
  };
}

function inverse(numbers) {
  const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
  return (number) => names.get(number) ?? String(number);
}

// What is wrong with the query, as [{position, message}].
export function complaintsOf(code) {
  const found = code.GetDiagnostics();
  const listed = Array.from({ length: found.Count }, (_, i) => found.getItem(i)).map((each) => (
    { position: each.Start, message: `${each.Severity}: ${each.Message}` }
  ));
  if (listed.length === 0 && !code.ResultType?.Columns) {
    return [{ position: 0, message: "Error: there is no query here whose result is a table" }];
  }
  return listed;
}

export function place(query, position) {
  const before = query.slice(0, position).split("\n");
  return `${before.length}:${before.at(-1).length + 1}`;
}
