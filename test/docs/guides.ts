import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

export const GUIDES: readonly string[] = readdirSync(join(ROOT, 'docs')).filter((name) =>
  name.endsWith('.md'),
);

export const readGuide = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');

/** A fenced block; `head` is what follows the language. */
export interface Block {
  readonly guide: string;
  readonly language: string;
  readonly head: string;
  readonly file: string | null;
  readonly body: string;
}

export const blocksOf = (guide: string): Block[] =>
  [...readGuide(guide).matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', head = '', body = '']) => ({
      guide,
      language,
      head: head.trim(),
      file: /\bfile=(\S+)/.exec(head)?.[1] ?? null,
      body,
    }),
  );

/** The examples that are meant to be right. */
export const runnableBlocks = (languages: readonly string[]): Block[] =>
  GUIDES.flatMap(blocksOf).filter(
    ({ language, head }) => languages.includes(language) && head.split(' ')[0] === 'runnable',
  );
