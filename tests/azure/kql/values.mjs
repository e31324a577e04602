// The values of the Kusto query language, as this evaluator has them.
//
// int and long: bigint. real: number. bool and string: their own. null: null; a string is never null.
// datetime, timespan: ticks of 100 nanoseconds. dynamic: what JSON.parse makes of it, wrapped.

export class Datetime {
  constructor(ticks) {
    this.ticks = ticks;
  }
}

export class Timespan {
  constructor(ticks) {
    this.ticks = ticks;
  }
}

export class Dynamic {
  constructor(json) {
    this.json = json;
  }
}

const SECOND = 10_000_000n;
// From the first day of the year 1, where Kusto's days begin, to 1970.
const EPOCH = 62_135_596_800n * SECOND;
const DATETIME = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7})\d*)?)?)?(?:Z|\+00:00)?$/;
const TIMESPAN = /^(-?)(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(?:\.(\d{7}))?$/;
const INTEGER = /^[+-]?\d+$/;

export function readDatetime(text) {
  const parts = DATETIME.exec(text);
  if (!parts) throw new Error(`${JSON.stringify(text)} is no datetime in UTC`);
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second);
  return new Datetime(BigInt(milliseconds) * 10_000n + EPOCH + BigInt((parts[7] ?? "").padEnd(7, "0")));
}

// As .NET writes it: -1.02:03:04.0000005.
export function readTimespan(text) {
  const parts = TIMESPAN.exec(text);
  if (!parts) throw new Error(`${JSON.stringify(text)} is no timespan`);
  const [days, hours, minutes, seconds, fraction] = parts.slice(2).map((part) => BigInt(part ?? 0));
  const ticks = (((days * 24n + hours) * 60n + minutes) * 60n + seconds) * SECOND + fraction;
  return new Timespan(parts[1] ? -ticks : ticks);
}

export function nullOf(type) {
  return type === "string" ? "" : null;
}

// A value of a row, from JSON.
export function readValue(json, type) {
  if (json === null || json === undefined) return nullOf(type);
  const isFit = { string: typeof json === "string", bool: typeof json === "boolean", real: typeof json === "number",
    int: Number.isSafeInteger(json), long: Number.isSafeInteger(json), datetime: typeof json === "string",
    dynamic: true }[type];
  if (!isFit) throw new Error(`${JSON.stringify(json)} is no ${type} that can be read here`);
  if (type === "int" || type === "long") return BigInt(json);
  if (type === "datetime") return readDatetime(json);
  return type === "dynamic" ? new Dynamic(json) : json;
}

// As JSON; a real that JSON cannot hold becomes a string, as in Azure's own answers.
export function writeValue(value) {
  if (value instanceof Dynamic) return value.json;
  if (value instanceof Datetime) return writeDatetime(value);
  if (value instanceof Timespan) return writeTimespan(value);
  if (typeof value === "bigint") return writeInteger(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

function writeInteger(value) {
  if (!Number.isSafeInteger(Number(value))) throw new Error(`${value} is more than JSON holds`);
  return Number(value);
}

function writeDatetime({ ticks }) {
  const [whole, fraction] = [ticks / SECOND, ticks % SECOND];
  const text = new Date(Number((whole - EPOCH / SECOND) * 1000n)).toISOString().slice(0, 19);
  return `${text}.${String(fraction).padStart(7, "0")}Z`;
}

function writeTimespan({ ticks }) {
  const left = ticks < 0n ? -ticks : ticks;
  const seconds = left / SECOND;
  const two = (number) => String(number).padStart(2, "0");
  const days = seconds / 86_400n > 0n ? `${seconds / 86_400n}.` : "";
  const fraction = left % SECOND > 0n ? `.${String(left % SECOND).padStart(7, "0")}` : "";
  const clock = [(seconds / 3600n) % 24n, (seconds / 60n) % 60n, seconds % 60n].map(two).join(":");
  return `${ticks < 0n ? "-" : ""}${days}${clock}${fraction}`;
}

export function isNumber(value) {
  return typeof value === "bigint" || typeof value === "number";
}

export function isTicks(value) {
  return value instanceof Datetime || value instanceof Timespan;
}

// For neither null: below, at or above 0, or NaN. Strings by their code units, as far as order by needs.
export function compare(left, right) {
  if (isTicks(left) && left.constructor === right.constructor) return sign(left.ticks, right.ticks);
  if (isNumber(left) && isNumber(right)) return sign(left, right);
  if (typeof left === typeof right && ["string", "boolean"].includes(typeof left)) return sign(left, right);
  throw new Error(`${describe(left)} is not compared with ${describe(right)}`);
}

function sign(left, right) {
  if (left < right) return -1;
  if (left > right) return 1;
  // Two signs, so that 1n is 1; NaN is nothing, itself included.
  return left == right ? 0 : NaN;
}

export function describe(value) {
  if (value === null) return "null";
  return typeof value === "object" ? value.constructor.name : typeof value;
}

// The same for values that are one group.
export function keyOf(value) {
  if (value instanceof Dynamic) throw new Error("rows are not grouped by a dynamic; take tostring() of it");
  return value === null ? "null" : `${describe(value)} ${isTicks(value) ? value.ticks : String(value)}`;
}

export function toText(value) {
  if (value === null) return "";
  if (value instanceof Dynamic) return typeof value.json === "string" ? value.json : JSON.stringify(value.json);
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return String(value);
  throw new Error(`the text of a ${describe(value)} is not known here`);
}

export function toReal(value) {
  if (value instanceof Dynamic) return toReal(["string", "number"].includes(typeof value.json) ? value.json : null);
  if (typeof value === "string") return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : null;
  return value === null ? null : Number(value);
}

export function toDatetime(value) {
  if (value === null || value instanceof Datetime) return value;
  const text = toText(value);
  return text === "" ? null : readDatetime(text);
}

export function toInteger(value) {
  if (value instanceof Dynamic) return toInteger(["string", "number"].includes(typeof value.json) ? value.json : null);
  if (typeof value === "string" && INTEGER.test(value)) return BigInt(value);
  if (typeof value === "string" && toReal(value) !== null) throw new Error(`the integer of "${value}" is not known here`);
  if (typeof value === "number") return Number.isFinite(value) ? BigInt(Math.trunc(value)) : null;
  return typeof value === "bigint" ? value : null;
}
