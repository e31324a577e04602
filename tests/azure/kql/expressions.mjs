// Scalar expressions: a node of the language service's tree becomes a function of (row, place, rows).
import { and, calculate, isEqual, isInOrder, not, or } from "./arithmetic.mjs";
import { compileCall } from "./functions.mjs";
import { at, parts, refuse } from "./trouble.mjs";
import { Dynamic, readDatetime, readTimespan } from "./values.mjs";

const BINARY = {
  AddExpression: (left, right) => calculate("+", left, right),
  SubtractExpression: (left, right) => calculate("-", left, right),
  MultiplyExpression: (left, right) => calculate("*", left, right),
  DivideExpression: (left, right) => calculate("/", left, right),
  LessThanExpression: (left, right) => isInOrder("<", left, right),
  LessThanOrEqualExpression: (left, right) => isInOrder("<=", left, right),
  GreaterThanExpression: (left, right) => isInOrder(">", left, right),
  GreaterThanOrEqualExpression: (left, right) => isInOrder(">=", left, right),
  EqualExpression: isEqual,
  NotEqualExpression: (left, right) => not(isEqual(left, right)),
  AndExpression: and,
  OrExpression: or,
};

const LITERALS = {
  LongLiteralExpression: (text) => BigInt(text),
  IntLiteralExpression: (text) => BigInt(text.replace(/^int\((.*)\)$/, "$1")),
  RealLiteralExpression: (text) => Number(text),
  BooleanLiteralExpression: (text) => text === "true",
  StringLiteralExpression: (_, node) => node.LiteralValue,
  TimespanLiteralExpression: (_, node) => readTimespan(String(node.LiteralValue)),
  DateTimeLiteralExpression: (text) => readDatetime(text.replace(/^datetime\((.*)\)$/, "$1")),
};

export function compile(context, node) {
  const kind = context.kindOf(node.Kind);
  if (kind in LITERALS) return compileLiteral(context, node, kind);
  if (kind in BINARY) return compileBinary(context, node, kind);
  switch (kind) {
    case "NameReference":
      return compileName(context, node);
    case "ParenthesizedExpression":
      return compile(context, node.Expression);
    case "UnaryMinusExpression":
      return compileMinus(context, node);
    case "PathExpression":
      return compileMember(context, node, node.Selector, (selector) => selector.SimpleName);
    case "ElementExpression":
      return compileMember(context, node, node.Selector, (selector) => memberInBrackets(context, selector));
    case "InExpression":
      return compileIn(context, node);
    case "FunctionCallExpression":
      return compileCall(context, node, compile);
    default:
      return refuse(context, node, `${JSON.stringify(node.toString().trim())} is not known here`);
  }
}

// Without a row: a number that the query begins with, or an argument that has to be one.
export function compileConstant(context, node) {
  return compile({ ...context, columns: false }, node)();
}

function compileLiteral(context, node, kind) {
  const text = node.toString().trim();
  const isNull = kind !== "StringLiteralExpression" && /\(\s*null\s*\)$/.test(text);
  const value = at(context, node, () => (isNull ? null : LITERALS[kind](text, node)));
  return () => value;
}

function compileBinary(context, node, kind) {
  const [left, right] = [compile(context, node.Left), compile(context, node.Right)];
  return (...here) => at(context, node, () => BINARY[kind](left(...here), right(...here)));
}

function compileName(context, node) {
  const name = node.SimpleName;
  const means = context.symbolKindOf(node.ReferencedSymbol?.Kind);
  if (means === "Variable") {
    const value = context.lets.has(name) ? context.lets.get(name) : refuse(context, node, `${name} is no number`);
    return () => value;
  }
  if (means !== "Column") return refuse(context, node, `${name} is a ${means} where a value is needed`);
  if (context.columns === false) return refuse(context, node, `${name} differs from row to row`);
  return (row) => row[name];
}

function compileMinus(context, node) {
  const positive = compile(context, node.Expression);
  return (...here) => at(context, node, () => calculate("*", positive(...here), -1n));
}

function compileMember(context, node, selector, nameOf) {
  const [whole, name] = [compile(context, node.Expression), nameOf(selector)];
  return (...here) => {
    const json = whole(...here)?.json;
    const isBag = typeof json === "object" && json !== null && !Array.isArray(json) && Object.hasOwn(json, name);
    return isBag && json[name] !== null ? new Dynamic(json[name]) : null;
  };
}

function memberInBrackets(context, selector) {
  const inside = selector.Expression;
  if (context.kindOf(inside.Kind) !== "StringLiteralExpression") return refuse(context, inside, "only a name in quotes is");
  return inside.LiteralValue;
}

// One == after the other, with or between: as null has it.
function compileIn(context, node) {
  const left = compile(context, node.Left);
  const listed = parts(node.Right.Expressions).map((each) => compileConstant(context, each));
  return (...here) => at(context, node, () => {
    const value = left(...here);
    return listed.map((each) => isEqual(value, each)).reduce(or, false);
  });
}
