import { loadCatalog } from '../../src/app/load-catalog';
import { TELEMETRY_CODES } from '../../src/core/telemetry/findings';
import { parseTelemetry } from '../../src/formats/read-telemetry';
import { parseYaml } from '../../src/formats/read-yaml';
import { IGNORED_COLUMNS, ITERATION_COLUMNS, REQUEST_COLUMNS } from '../../src/formats/telemetry-columns';
import { blocksOf, readGuide } from '../docs/guides';

const section = readGuide('formats.md').split('\n## Telemetry\n')[1]!.split('\n## ')[0]!;
const words = new Set([...section.matchAll(/`([^`\n]+)`/g)].map(([, word]) => word));

test('docs/formats.md has every column and every code', () => {
  const columns = [REQUEST_COLUMNS, ITERATION_COLUMNS].flatMap((meanings) =>
    Object.values(meanings).flatMap((names) => Object.keys(names)),
  );
  // A time's name is there once, for all of its units.
  const isThere = (name: string) => words.has(name) || words.has(name.replace(/_(ms|s|seconds)$/, ''));
  expect([...columns, ...IGNORED_COLUMNS].filter((name) => !isThere(name))).toEqual([]);
  expect(TELEMETRY_CODES.filter((code) => !words.has(code))).toEqual([]);
});

test('its examples are read', () => {
  const bodies = new Map(blocksOf('formats.md').map(({ file, body }) => [file, body]));
  const { requests: _, ...document } = parseYaml('telemetry.yaml', bodies.get('telemetry.yaml')!) as {
    requests: string;
  };
  const [header, ...rows] = bodies
    .get('requests.csv')!
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const samples = rows.map((cells) => Object.fromEntries(cells.map((cell, i) => [header![i]!, cell])));
  const iterations = JSON.parse(bodies.get('iterations.json')!);
  const value = { ...document, samples, iterations };
  const { telemetry, findings } = parseTelemetry({ source: 'guide', value, folder: null }, loadCatalog());
  expect(findings.map(({ code }) => code)).toEqual(['TOO_FEW', 'TOO_FEW']);
  expect(telemetry.requests!.e2eMs).toHaveLength(2);
  expect(telemetry.iterations).toHaveLength(2);
});
