import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GUIDES, ROOT } from './guides';

const FILES = ['README.md', ...GUIDES.map((name) => join('docs', name))];

test.each(FILES)('every relative link of %s leads somewhere', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const broken = links.filter((target) => !isOutside(target) && !leads(target, file));
  expect(broken).toEqual([]);
});

const isOutside = (target: string): boolean => /^[a-z]+:/.test(target);

function leads(target: string, from: string): boolean {
  const [path = '', anchor] = target.split('#');
  const full = path === '' ? join(ROOT, from) : join(ROOT, dirname(from), path);
  if (!existsSync(full)) return false;
  return anchor === undefined || anchorsOf(readFileSync(full, 'utf8')).includes(anchor);
}

/** Headings as GitHub names them. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}
