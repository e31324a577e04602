// What the language service says of queries: node check.mjs FOLDER_WITH_NODE_MODULES FILE…
// Says what is wrong as file:line:column, and ends with 1 where anything is.
import { readFileSync } from "node:fs";
import { complaintsOf, openService, place } from "./service.mjs";

const [folder, ...files] = process.argv.slice(2);
const service = openService(folder);

function check(file) {
  const query = readFileSync(file, "utf8");
  return complaintsOf(service.analyze(query))
    .map(({ position, message }) => `${file}:${place(query, position)}: ${message}`);
}

const said = files.flatMap(check);
for (const line of said) console.log(line);
process.exitCode = said.length > 0 ? 1 : 0;
