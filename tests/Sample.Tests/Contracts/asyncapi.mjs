// Reads an AsyncAPI document from standard input and prints what the parser finds wrong, and what it found, as JSON.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
console.log(JSON.stringify({
  problems: diagnostics.filter((d) => d.severity <= 1).map((d) => `${d.path.join("/")}: ${d.message}`),
  version: document?.version(),
  channels: document?.channels().all().map((c) => c.id()),
  operations: document?.operations().all().map((o) => ({ id: o.id(), action: o.action(), messages: o.messages().all().map((m) => m.name()) })),
  messages: document?.allMessages().all().length,
}));
