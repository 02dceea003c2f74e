// The parts of docs/accuracy.md that are made, each between two comments, and the plots beside it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './product.mjs';

const GUIDE = join('docs', 'accuracy.md');
const marks = (name) => [`<!-- made: ${name} -->\n`, `<!-- end: ${name} -->`];

/** Writes the parts and plots, or says which differ. `parts`: text by name; `plots`: SVG by file name. */
export function save({ parts, plots, check }) {
  const wanted = new Map(Object.entries(plots).map(([name, svg]) => [join('docs', 'accuracy', name), svg]));
  wanted.set(GUIDE, withParts(readFileSync(join(root, GUIDE), 'utf8'), parts));
  const differing = [...wanted].filter(([path, text]) => {
    const full = join(root, path);
    return !existsSync(full) || readFileSync(full, 'utf8') !== text;
  });
  for (const [path, text] of check ? [] : differing) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return differing.map(([path]) => path);
}

function withParts(guide, parts) {
  let text = guide;
  for (const [name, part] of Object.entries(parts)) {
    const [start, end] = marks(name);
    const from = text.indexOf(start);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`${GUIDE} has no part between "${start.trim()}" and "${end}"`);
    text = `${text.slice(0, from + start.length)}\n${part}\n\n${text.slice(to)}`;
  }
  return text;
}

/** Names of all parts in the guide. */
export const partsOfGuide = () =>
  [...readFileSync(join(root, GUIDE), 'utf8').matchAll(/<!-- made: ([\w-]+) -->/g)].map(([, name]) => name);
