// Judges documents by JSON Schema (dialect 2020-12), one a line, until the input ends. The first line has the schemas by
// name; each further line is {"schema": name, "text": the document as JSON text}. Answers "ok", or what is wrong, a line each.
import { createInterface } from "node:readline";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: false });
addFormats(ajv);
let validators;
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const request = JSON.parse(line);
  if (!validators) {
    validators = new Map(Object.entries(request).map(([name, schema]) => {
      if (!ajv.validateSchema(schema)) throw new Error(`${name} is no schema: ${ajv.errorsText()}`);
      return [name, ajv.compile(schema)];
    }));
    console.log("ready");
    continue;
  }

  const validate = validators.get(request.schema);
  let verdict;
  try {
    verdict = validate(JSON.parse(request.text)) ? "ok" : `${validate.errors[0].instancePath} ${validate.errors[0].message}`;
  } catch (error) {
    verdict = `no JSON: ${error.message}`;
  }

  console.log(verdict.replaceAll("\n", " "));
}
