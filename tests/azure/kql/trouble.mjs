// What cannot be evaluated here is an error that names the part of the query and its place: never a guess.
import { place } from "../../../infra/lint/kusto/service.mjs";

export class Trouble extends Error {}

export function refuse(context, node, why) {
  const kind = context.kindOf(node.Kind);
  throw new Trouble(`${place(context.query, node.TextStart)}: ${kind}: ${why}`);
}

// An error of a value's becomes one of the node that has it.
export function at(context, node, work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof Trouble) throw error;
    return refuse(context, node, error.message);
  }
}

// The parts of a list, without what separates them.
export function parts(list) {
  return Array.from({ length: list?.ChildCount ?? 0 }, (_, i) => list.GetChild(i)).map((each) => each.GetChild(0));
}

export function columnsOf(symbol) {
  return Array.from({ length: symbol.Columns.Count }, (_, i) => symbol.Columns.getItem(i));
}
