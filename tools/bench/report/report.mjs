// The run as a table for people and as JSON for what compares runs.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { printByHand } from './by-hand.mjs';
import { printFanOut } from './fan-out.mjs';
import { printPresence } from './presence.mjs';
import { printRatios } from './ratios.mjs';
import { printReads } from './reads.mjs';
import { printSendPath } from './send-path.mjs';
import { printStorm } from './storm.mjs';
import { printUploads } from './uploads.mjs';

export function machine() {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    node: process.version,
    os: process.platform,
  };
}

export function writeResults(file, results) {
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}

export function printResults({ standalone, cluster, byHand, fanOut, presence, storm, reads, uploads, ratios }) {
  for (const each of [standalone, cluster].filter(Boolean)) printSendPath(each);
  for (const each of byHand) printByHand(each);
  for (const each of uploads) printUploads(each);
  if (fanOut) printFanOut(fanOut);
  if (presence) printPresence(presence);
  if (storm) printStorm(storm);
  if (reads) printReads(reads);
  printRatios(ratios);
}
