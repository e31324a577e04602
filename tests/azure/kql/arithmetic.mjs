// What stands between two values, as Kusto defines it: null is sticky, but for and, or, == and !=.
import { Datetime, Timespan, compare, describe, isNumber } from "./values.mjs";

const MOST = 2n ** 63n;

const OF_NUMBERS = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};

// bigints divide as longs do: towards zero.
function withNumbers(operator, left, right) {
  if (typeof left !== "bigint" || typeof right !== "bigint") return OF_NUMBERS[operator](Number(left), Number(right));
  if (operator === "/" && right === 0n) throw new Error("a whole number divided by zero");
  const result = OF_NUMBERS[operator](left, right);
  if (result >= MOST || result < -MOST) throw new Error("more than a long holds");
  return result;
}

function withTicks(operator, left, right) {
  const kinds = `${describe(left)} ${operator} ${describe(right)}`;
  switch (kinds) {
    case "Datetime - Datetime":
    case "Timespan - Timespan":
      return new Timespan(left.ticks - right.ticks);
    case "Timespan + Timespan":
      return new Timespan(left.ticks + right.ticks);
    case "Datetime - Timespan":
      return new Datetime(left.ticks - right.ticks);
    case "Datetime + Timespan":
    case "Timespan + Datetime":
      return new Datetime(left.ticks + right.ticks);
    case "Timespan / Timespan":
      return Number(left.ticks) / Number(right.ticks);
    case "Timespan * bigint":
      return new Timespan(left.ticks * right);
    case "bigint * Timespan":
      return new Timespan(left * right.ticks);
    default:
      throw new Error(`${kinds} is not known here`);
  }
}

export function calculate(operator, left, right) {
  if (left === null || right === null) return null;
  return isNumber(left) && isNumber(right) ? withNumbers(operator, left, right) : withTicks(operator, left, right);
}

const HOLDS = {
  "<": (sign) => sign < 0,
  "<=": (sign) => sign <= 0,
  ">": (sign) => sign > 0,
  ">=": (sign) => sign >= 0,
};

export function isInOrder(operator, left, right) {
  if (left === null || right === null) return null;
  if (typeof left === "string" || typeof left === "boolean") {
    throw new Error(`${operator} between two of ${describe(left)} is not known here`);
  }
  return HOLDS[operator](compare(left, right));
}

// Two nulls are neither the same nor not; one null is not the same as anything else. Strings: by case.
export function isEqual(left, right) {
  if (left === null && right === null) return null;
  return left !== null && right !== null && compare(left, right) === 0;
}

export function not(value) {
  return value === null ? null : !value;
}

export function and(left, right) {
  if (left === false || right === false) return false;
  return left === null || right === null ? null : true;
}

export function or(left, right) {
  if (left === true || right === true) return true;
  return left === null || right === null ? null : false;
}

// Down to a multiple; of a datetime, counted from the first day of the year 1.
export function bin(value, size) {
  if (value === null || size === null) return null;
  if (isNumber(value) && isNumber(size)) {
    if (typeof value === "bigint" && typeof size === "bigint") return floor(value, size);
    return Math.floor(Number(value) / Number(size)) * Number(size);
  }
  if (!(size instanceof Timespan)) throw new Error(`bin of ${describe(value)} and ${describe(size)} is not known here`);
  return new value.constructor(floor(value.ticks, size.ticks));
}

function floor(value, size) {
  if (size <= 0n) throw new Error("bin needs a size above zero");
  const over = value % size;
  return value - (over < 0n ? over + size : over);
}
