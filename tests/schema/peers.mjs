// The same lines as pairs.c reads, answered by ajv and @hyperjump/json-schema: a line "AJV HYPERJUMP", each a character per
// instance (t: it threw) or "refused". With --shrink each line {"schema": …, "instance": …} is answered by the least schema and instance
// it can be cut down to while both still say what they said, and that as "said". With --time SCHEMA INSTANCE: ajv's nanoseconds of CPU
// time per validation and JSON.parse's, as JSON.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import Ajv2020 from "ajv/dist/2020.js";
import * as hyperjump from "@hyperjump/json-schema/draft-2020-12";

const DRAFT = "https://json-schema.org/draft/2020-12/schema";
const SETTINGS = { strict: false, validateFormats: false, logger: false };
const GUARDED = { ...SETTINGS, ownProperties: true }; // members called toString; but then dependentSchemas throws on null
let refs = {};
let fresh = new Ajv2020(SETTINGS);

// ajv keeps what it was given, hence an instance for each schema with ids or refs; costly, so only for those
function ajvFor(text) {
  if (!/"\$id"|"\$schema"/.test(text) && Object.keys(refs).length === 0) return fresh;
  const ajv = new Ajv2020(GUARDED);
  for (const [uri, schema] of Object.entries(refs)) {
    try { ajv.addSchema(schema, uri); } catch { /* a draft it does not speak: left out, as a reference nobody follows */ }
  }
  return ajv;
}

function byAjv(schema, instances, again) {
  try {
    const validate = ajvFor(JSON.stringify(schema)).compile(schema);
    const answer = instances.map((instance) => {
      try { return validate(instance) ? "1" : "0"; } catch { return "t"; } // a TypeError in the code it made
    }).join("");
    if (typeof schema === "object") fresh.removeSchema(schema);
    return answer;
  } catch {
    fresh = new Ajv2020(SETTINGS); // a full instance refuses now and then what a new one takes
    return again ? "refused" : byAjv(schema, instances, true);
  }
}

let serial = 0;
async function byHyperjump(schema, instances) {
  const uri = `https://pairs.invalid/${serial++}`;
  try {
    hyperjump.registerSchema(schema, uri, DRAFT);
  } catch { return "refused"; }
  try {
    const validate = await hyperjump.validate(uri);
    return instances.map((instance) => (validate(instance).valid ? "1" : "0")).join("");
  } catch { return "refused"; } finally {
    hyperjump.unregisterSchema(uri);
  }
}

// Every value with one member or item taken away, or one schema made true
function* smaller(value) {
  const keys = value && typeof value === "object" ? Object.keys(value) : [];
  const copy = () => (Array.isArray(value) ? [...value] : { ...value });
  for (const key of keys) {
    const without = copy();
    if (Array.isArray(value)) without.splice(Number(key), 1); else delete without[key];
    yield without;
    if (value[key] !== true) yield Object.assign(copy(), { [key]: true });
    for (const part of smaller(value[key])) yield Object.assign(copy(), { [key]: part });
  }
}

async function shrink({ schema, instance }) {
  const ask = async (s, i) => byAjv(s, [i]) + await byHyperjump(s, [i]);
  const said = await ask(schema, instance);
  for (let moved = true; moved;) {
    moved = false;
    for (const less of smaller(schema)) {
      if (await ask(less, instance) !== said) continue;
      schema = less;
      moved = true;
      break;
    }
    for (const less of moved ? [] : smaller(instance)) {
      if (await ask(schema, less) !== said) continue;
      instance = less;
      moved = true;
      break;
    }
  }
  return { schema, instance, said };
}

function takeRefs(given) {
  refs = given;
  for (const [uri, schema] of Object.entries(refs)) {
    try { hyperjump.registerSchema(schema, uri, DRAFT); } catch { /* as above */ }
  }
}

function batch(once, count) { // nanoseconds of CPU time of this process
  const began = process.cpuUsage();
  for (let i = 0; i < count; i++) once();
  const used = process.cpuUsage(began);
  return 1000 * (used.user + used.system);
}

// Batches grow until one is a round: that warms up, so what V8 compiles is compiled
function median(once) {
  const each = [];
  let count = 1;
  while (batch(once, count) < 100_000_000) count *= 2;
  for (let round = 0; round < 9; round++) each.push(batch(once, count) / count);
  return each.sort((a, b) => a - b)[4];
}

if (process.argv[2] === "--time") {
  const [schema, text] = [JSON.parse(readFileSync(process.argv[3])), readFileSync(process.argv[4], "utf8")];
  const validate = new Ajv2020(SETTINGS).compile(schema);
  const instance = JSON.parse(text);
  const validateNs = median(() => { if (!validate(instance)) throw new Error("not valid"); });
  console.log(JSON.stringify({ validateNs, parseNs: median(() => JSON.parse(text)) }));
} else if (process.argv[2] === "--shrink") {
  for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await shrink(JSON.parse(line))));
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    const pair = JSON.parse(line);
    if (pair.refs) takeRefs(pair.refs);
    else console.log(`${byAjv(pair.schema, pair.instances)} ${await byHyperjump(pair.schema, pair.instances)}`);
  }
}
