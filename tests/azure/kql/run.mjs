// Runs queries on rows: node run.mjs FOLDER_WITH_NODE_MODULES, and a line for each query:
// {"query": "…", "runs": [{"customEvents": [row, …]}, …]}. It answers with a line: {"answers": [[row, …], …]}, one for
// each run, or {"refused": "line:column: why"}. The tree is the language service's: no query is parsed here.
import { createInterface } from "node:readline";
import { complaintsOf, openService, place } from "../../../infra/lint/kusto/service.mjs";
import { compileConstant } from "./expressions.mjs";
import { compileTable } from "./operators.mjs";
import { Trouble, columnsOf, parts, refuse } from "./trouble.mjs";
import { writeValue } from "./values.mjs";

function compileQuery(service, query) {
  const code = service.analyze(query);
  const [wrong] = complaintsOf(code);
  if (wrong) throw new Trouble(`${place(query, wrong.position)}: ${wrong.message}`);
  const context = { ...service, query, lets: new Map(), isOrdered: false };
  const statements = parts(code.Syntax.Statements);
  const last = statements.pop();
  for (const each of statements) readLet(context, each);
  const names = columnsOf(code.ResultType).map((column) => column.Name);
  const { run } = compileTable(context, last.Expression);
  return (tables) => run(tables).map((row) => Object.fromEntries(names.map((name) => [name, writeValue(row[name])])));
}

function readLet(context, statement) {
  if (context.kindOf(statement.Kind) !== "LetStatement") refuse(context, statement, "only let may come before");
  context.lets.set(statement.Name.SimpleName, compileConstant(context, statement.Expression));
}

function answer(service, line) {
  try {
    const { query, runs } = JSON.parse(line);
    return { answers: runs.map(compileQuery(service, query)) };
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return { refused: error.message };
  }
}

const service = openService(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(service, line))}\n`);
}
