// Applies patches: [{ document, patch }, ...] on standard input, [{ result } | { error }, ...] on standard output.
import jsonpatch from "fast-json-patch";

let text = "";
for await (const chunk of process.stdin) text += chunk;
const answers = JSON.parse(text).map(({ document, patch }) => {
  try {
    return { result: jsonpatch.applyPatch(document, patch, true, false, false).newDocument };
  } catch (error) {
    return { error: String(error.name ?? error) };
  }
});
process.stdout.write(JSON.stringify(answers));
