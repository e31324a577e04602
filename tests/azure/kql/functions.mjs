// Scalar functions: those that the queries use.
import { bin, not } from "./arithmetic.mjs";
import { at, parts, refuse } from "./trouble.mjs";
import { compare, nullOf, toDatetime, toInteger, toReal, toText } from "./values.mjs";

const isEmpty = (value) => value === null || value === "";
// The greatest or least of what is not null.
const extreme = (sign) => (...values) => values.reduce((best, each) => (
  each !== null && (best === null || compare(each, best) * sign > 0) ? each : best
), null);

const FUNCTIONS = {
  tostring: toText,
  todouble: toReal,
  toreal: toReal,
  toint: toInteger,
  tolong: toInteger,
  todatetime: toDatetime,
  isnull: (value) => value === null,
  isnotnull: (value) => value !== null,
  isempty: isEmpty,
  isnotempty: (value) => !isEmpty(value),
  not,
  bin,
  sqrt: (value) => (value === null ? null : Math.sqrt(Number(value))),
  min_of: extreme(-1),
  max_of: extreme(1),
};

// Those that look at no more of their arguments than they need, or at other rows.
const SPECIAL = { iff: compileCase, iif: compileCase, case: compileCase, prev: compilePrev };

export function compileCall(context, node, compile) {
  const name = node.Name.SimpleName;
  const listed = parts(node.ArgumentList.Expressions);
  if (Object.hasOwn(SPECIAL, name)) return SPECIAL[name](context, node, listed, compile);
  if (!Object.hasOwn(FUNCTIONS, name)) return refuse(context, node, `the function ${name} is not known here`);
  const given = listed.map((each) => compile(context, each));
  const widen = toResult(node.ResultType.Name);
  return (...here) => at(context, node, () => widen(FUNCTIONS[name](...given.map((each) => each(...here)))));
}

// Where an int and a real may come, the result is of one type.
function toResult(type) {
  return (value) => (type === "real" && typeof value === "bigint" ? Number(value) : value);
}

// Condition, value, condition, value, …, otherwise; null is no condition that holds.
function compileCase(context, node, listed, compile) {
  const given = listed.map((each) => compile(context, each));
  const widen = toResult(node.ResultType.Name);
  return (...here) => {
    let place = 0;
    while (place + 1 < given.length && given[place](...here) !== true) place += 2;
    return widen(given[place + 1 < given.length ? place + 1 : place](...here));
  };
}

// The value in the row so many before this one; null, or what is given for it, where there is none.
function compilePrev(context, node, [column, before, otherwise], compile) {
  if (!context.isOrdered) return refuse(context, node, "prev needs rows that an order by has put in order");
  const value = compile(context, column);
  const constant = (each) => compile({ ...context, columns: false }, each)();
  const steps = before === undefined ? 1n : constant(before);
  const none = otherwise === undefined ? nullOf(node.ResultType.Name) : constant(otherwise);
  if (typeof steps !== "bigint" || steps < 0n) return refuse(context, node, "prev needs a whole number of rows");
  return (_, place, rows) => {
    const there = place - Number(steps);
    return there < 0 ? none : value(rows[there], there, rows);
  };
}
