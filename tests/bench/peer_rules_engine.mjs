// peer_rules_engine.mjs [runs]: what shops really use: json-rules-engine, 30 rules over one complete selection. It says
// which rules are broken; it knows no valid domains. Prints {"p50","p99"} in microseconds.
import { Engine } from 'json-rules-engine';

const RULES = 30, OPTIONS = 15, CHOICES = 6;
const runs = Number(process.argv[2] ?? 400);
const engine = new Engine();
for (let r = 0; r < RULES; r++) {
  engine.addRule({
    conditions: {
      all: [
        { fact: `o${r % OPTIONS}`, operator: 'equal', value: `c${r % CHOICES}` },
        { fact: `o${(r * 7 + 3) % OPTIONS}`, operator: 'notEqual', value: `c${(r + 2) % CHOICES}` },
      ],
    },
    event: { type: 'broken', params: { rule: r } },
  });
}
const times = [];
for (let i = 0; i < runs + 50; i++) {
  const facts = {};
  for (let o = 0; o < OPTIONS; o++) facts[`o${o}`] = `c${(i * (o + 3)) % CHOICES}`;
  const began = process.hrtime.bigint();
  await engine.run(facts);
  if (i >= 50) times.push(Number(process.hrtime.bigint() - began) / 1e3);
}
times.sort((a, b) => a - b);
console.log(JSON.stringify({ p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] }));
