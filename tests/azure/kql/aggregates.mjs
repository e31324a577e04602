// Aggregate functions: a node becomes a function of the rows of a group, which gives one or more values.
import { calculate } from "./arithmetic.mjs";
import { compile } from "./expressions.mjs";
import { at, parts, refuse } from "./trouble.mjs";
import { compare, keyOf } from "./values.mjs";

// Of null nothing is counted, added or compared.
const known = (values) => values.filter((value) => value !== null);
const sum = (values) => known(values).reduce((total, each) => calculate("+", total, each), 0n);

function best(values, sign) {
  let found = -1;
  for (const [place, value] of values.entries()) {
    if (value !== null && (found < 0 || compare(value, values[found]) * sign > 0)) found = place;
  }
  return found;
}

const extreme = (sign) => (values) => values[best(values, sign)] ?? null;
// Of a group without any value one row is picked, as Kusto has it: here the first.
const rowOf = (sign) => (values, ...others) => {
  const place = Math.max(0, best(values, sign));
  return [values, ...others].map((each) => each[place] ?? null);
};

// Of the values of each argument, row by row.
const AGGREGATES = {
  countif: (holds) => BigInt(holds.filter((each) => each === true).length),
  sum,
  sumif: (values, holds) => sum(values.filter((_, place) => holds[place] === true)),
  // Exact, where Azure estimates it from some number of different values on.
  dcount: (values) => BigInt(new Set(known(values).map(keyOf)).size),
  min: extreme(-1),
  max: extreme(1),
  arg_min: rowOf(-1),
  arg_max: rowOf(1),
};

// The values in the order of the columns that the language service gives them.
export function compileAggregate(context, node) {
  const kind = context.kindOf(node.Kind);
  if (kind === "SimpleNamedExpression") return compileAggregate(context, node.Expression);
  if (kind !== "FunctionCallExpression") return refuse(context, node, "an aggregate function alone is known here");
  const name = node.Name.SimpleName;
  const given = parts(node.ArgumentList.Expressions).map((each) => compile(context, each));
  if (name === "count" && given.length === 0) return (rows) => [BigInt(rows.length)];
  if (!Object.hasOwn(AGGREGATES, name)) return refuse(context, node, `the aggregate ${name} is not known here`);
  const isReal = node.ResultType.Name === "real";
  return (rows) => at(context, node, () => {
    const found = AGGREGATES[name](...given.map((each) => rows.map((row, place) => each(row, place, rows))));
    const values = Array.isArray(found) ? found : [found];
    return values.map((value) => (isReal && typeof value === "bigint" ? Number(value) : value));
  });
}
