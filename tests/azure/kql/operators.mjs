// Query operators: a node becomes a function from rows to rows, and says whether they are in an order then.
import { compileAggregate } from "./aggregates.mjs";
import { compile, compileConstant } from "./expressions.mjs";
import { at, columnsOf, parts, refuse } from "./trouble.mjs";
import { compare, keyOf, readValue } from "./values.mjs";

const OPERATORS = {
  FilterOperator: compileWhere,
  ExtendOperator: compileExtend,
  ProjectOperator: compileProject,
  SummarizeOperator: compileSummarize,
  SortOperator: compileSort,
  TopOperator: compileTop,
};
const ORDERING = ["SortOperator", "TopOperator"];

// {run: (tables) => rows, isOrdered}
export function compileTable(context, node) {
  const kind = context.kindOf(node.Kind);
  if (kind === "ParenthesizedExpression") return compileTable(context, node.Expression);
  if (kind === "NameReference") return compileSource(context, node);
  if (kind !== "PipeExpression") return refuse(context, node, "a table and operators on it alone are known here");
  const source = compileTable(context, node.Expression);
  const operator = node.Operator;
  const name = context.kindOf(operator.Kind);
  if (!Object.hasOwn(OPERATORS, name)) return refuse(context, operator, "the operator is not known here");
  if (operator.Parameters?.ChildCount) return refuse(context, operator.Parameters.GetChild(0), "hints are not known here");
  const own = { ...context, isOrdered: source.isOrdered };
  const step = OPERATORS[name](own, operator, node.ResultType);
  const isOrdered = ORDERING.includes(name) || (source.isOrdered && name !== "SummarizeOperator");
  return { run: (tables) => step(source.run(tables)), isOrdered };
}

function compileSource(context, node) {
  const name = node.SimpleName;
  if (context.symbolKindOf(node.ReferencedSymbol?.Kind) !== "Table") return refuse(context, node, `${name} is no table`);
  const types = Object.fromEntries(columnsOf(node.ResultType).map((column) => [column.Name, column.Type.Name]));
  const run = (tables) => {
    const given = tables[name] ?? refuse(context, node, `there are no rows for ${name}, not even none`);
    return given.map((row) => at(context, node, () => readRow(row, types)));
  };
  return { run, isOrdered: false };
}

function readRow(row, types) {
  const strangers = Object.keys(row).filter((name) => !Object.hasOwn(types, name));
  if (strangers.length > 0) throw new Error(`its rows have no column ${strangers.join(", ")}`);
  return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, readValue(row[name], type)]));
}

// What is null does not hold.
function compileWhere(context, operator) {
  const holds = compile(context, operator.Condition);
  return (rows) => rows.filter((row, place) => holds(row, place, rows) === true);
}

function compileExtend(context, operator) {
  const added = parts(operator.Expressions).map((each) => compileNamed(context, each));
  return (rows) => rows.map((row, place) => ({ ...row, ...evaluated(added, row, place, rows) }));
}

function compileProject(context, operator) {
  const kept = parts(operator.Expressions).map((each) => compileNamed(context, each));
  return (rows) => rows.map((row, place) => evaluated(kept, row, place, rows));
}

function evaluated(named, row, place, rows) {
  return Object.fromEntries(named.map(({ name, value }) => [name, value(row, place, rows)]));
}

function compileNamed(context, node) {
  const kind = context.kindOf(node.Kind);
  if (kind === "NameReference") return { name: node.SimpleName, value: compile(context, node) };
  if (kind !== "SimpleNamedExpression") return refuse(context, node, "give it a name: name = …");
  return { name: node.Name.SimpleName, value: compile(context, node.Expression) };
}

// The columns of the keys come first, then those of the aggregates: the language service knows their names.
function compileSummarize(context, operator, result) {
  const names = columnsOf(result).map((column) => column.Name);
  const keys = parts(operator.ByClause?.Expressions).map((each) => compileKey(context, each));
  const aggregates = parts(operator.Aggregates).map((each) => compileAggregate(context, each));
  return (rows) => groupsOf(context, operator, rows, keys).map(({ values, members }) => {
    const all = [...values, ...aggregates.flatMap((aggregate) => aggregate(members))];
    if (all.length !== names.length) return refuse(context, operator, `${all.length} values for ${names.join(", ")}`);
    return Object.fromEntries(names.map((name, place) => [name, all[place]]));
  });
}

function compileKey(context, node) {
  const isNamed = context.kindOf(node.Kind) === "SimpleNamedExpression";
  return compile(context, isNamed ? node.Expression : node);
}

// Without keys all rows are one group, though there be none.
function groupsOf(context, operator, rows, keys) {
  const groups = new Map(keys.length === 0 ? [["", { values: [], members: [] }]] : []);
  for (const [place, row] of rows.entries()) {
    const values = keys.map((key) => key(row, place, rows));
    const name = at(context, operator, () => values.map((value) => JSON.stringify(keyOf(value))).join());
    if (!groups.has(name)) groups.set(name, { values, members: [] });
    groups.get(name).members.push(row);
  }
  return [...groups.values()];
}

function compileTop(context, operator) {
  const most = compileConstant(context, operator.Expression);
  if (typeof most !== "bigint") return refuse(context, operator.Expression, "top needs a whole number of rows");
  const sort = compileSortBy(context, operator, [operator.ByExpression]);
  return (rows) => sort(rows).slice(0, Number(most));
}

function compileSort(context, operator) {
  return compileSortBy(context, operator, parts(operator.Expressions));
}

function compileSortBy(context, operator, expressions) {
  const keys = expressions.map((each) => compileOrder(context, each));
  return (rows) => {
    const known = rows.map((row, place) => ({ row, values: keys.map(({ value }) => value(row, place, rows)) }));
    const byKeys = (left, right) => keys.reduce((sign, { order }, place) => (
      sign || order(left.values[place], right.values[place])
    ), 0);
    return at(context, operator, () => known.sort(byKeys).map(({ row }) => row));
  };
}

// Downwards, and null at the end that is least, unless it is said otherwise.
function compileOrder(context, node) {
  const isClause = context.kindOf(node.Kind) === "OrderedExpression";
  const value = compile(context, isClause ? node.Expression : node);
  const words = isClause ? node.Ordering.toString().trim().split(/\s+/) : [];
  const upwards = words.includes("asc") ? 1 : -1;
  const nullsFirst = words.includes("first") || (upwards === 1 && !words.includes("last"));
  const order = (left, right) => {
    if (left === null || right === null) return ((left === null) - (right === null)) * (nullsFirst ? -1 : 1);
    return compare(left, right) * upwards;
  };
  return { value, order };
}
