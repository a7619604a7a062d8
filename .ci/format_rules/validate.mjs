// Validates JSON documents and Mermaid diagrams for `formats.py`, all in one process.
//
// usage: node validate.mjs NODE_MODULES FOLDER_OF_SCHEMAS < jobs.json > answers.json
//
// A job is {"kind": "sarif" | "report" | "ndjson" | "mermaid", "file" or "text"}. Its answer is {"errors": […]}, and for a
// diagram also {"shape"}: what the diagram consists of, without its texts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const modules = resolve(process.argv[2]);
const schemas = process.argv[3];
const require = createRequire(join(modules, "any.js"));
const { default: Ajv } = require("ajv");
const { default: Ajv2020 } = require("ajv/dist/2020");
const { default: addFormats } = require("ajv-formats");
const json = (file) => JSON.parse(readFileSync(file, "utf8"));

// The schema of SARIF 2.1.0 as `sarif-2.1.0-rtm.5`, with what OASIS tightened in errata 01: the schemas differ in
// nothing else that a document could break. Draft 4 differs from draft 7 only by `id` here.
function sarifSchema() {
  const { id, $schema, ...schema } = json(join(modules, "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
  schema.definitions.region.anyOf = ["startLine", "charOffset", "byteOffset"].map((name) => ({ required: [name] }));
  for (const part of ["run", "toolComponent"]) {
    schema.definitions[part].properties.language.pattern = "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$";
  }
  return schema;
}

function compiled(kind) {
  const options = { strict: false, allErrors: false, logger: false };
  const ajv = kind === "sarif" ? new Ajv(options) : new Ajv2020(options);
  addFormats(ajv);
  const schema = kind === "sarif" ? sarifSchema() : json(join(schemas, `${kind}.json`));
  // A schema without rules accepts everything, so it proves nothing.
  if (!["properties", "oneOf", "anyOf", "$ref"].some((rule) => rule in schema)) throw new Error(`the schema ${kind} has no rules`);
  return ajv.compile(schema);
}

const validators = {};
function valid(kind, text) {
  let document;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return [`is not JSON: ${error.message}`];
  }
  const validate = (validators[kind] ??= compiled(kind));
  if (validate(document)) return [];
  return validate.errors.map((e) => `${e.instancePath || "/"} ${e.message} ${JSON.stringify(e.params).slice(0, 200)}`);
}

// Mermaid cleans texts with DOMPurify, which needs a DOM. The parser itself needs none.
async function mermaidParser() {
  const { JSDOM } = require("jsdom");
  const { window } = new JSDOM("");
  Object.assign(globalThis, { window, document: window.document });
  const { default: mermaid } = await import(pathToFileURL(join(modules, "mermaid/dist/mermaid.core.mjs")));
  // `loose` keeps what the other levels drop in silence: functions that a click calls.
  mermaid.initialize({ startOnLoad: false, securityLevel: "loose" });
  return mermaid;
}

const seen = new Map();

// Many reports show the same diagram.
function diagram(mermaid, text) {
  if (!seen.has(text)) seen.set(text, parsed(mermaid, text));
  return seen.get(text);
}

async function parsed(mermaid, text) {
  try {
    const { diagramType, config } = await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const vertices = [...(db.getVertices?.()?.values() ?? [])];
    const errors = vertices
      .filter((v) => v.link || v.haveCallback)
      .map((v) => `the node ${v.id} can be clicked: ${v.link ?? "callback"}`);
    // A tag in a text is markup for the browser.
    const tags = (text.match(/<\/?[a-z!?][^>\s]*/gi) ?? []).sort();
    return {
      errors,
      shape: {
        type: diagramType,
        config,
        tags,
        vertices: vertices.length,
        edges: db.getEdges?.().length ?? null,
        groups: db.getSubGraphs?.().length ?? null,
      },
    };
  } catch (error) {
    return { errors: [`does not parse: ${String(error.message ?? error).slice(0, 400)}`] };
  }
}

const jobs = JSON.parse(readFileSync(0, "utf8"));
const answers = [];
let mermaid;
for (const job of jobs) {
  if (job.kind === "mermaid") {
    mermaid ??= await mermaidParser();
    answers.push(await diagram(mermaid, job.text));
  } else {
    answers.push({ errors: valid(job.kind, job.text ?? readFileSync(job.file, "utf8")) });
  }
}
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
