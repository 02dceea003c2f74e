import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadCatalog } from '../../src/app/load-catalog';
import { openPlan } from '../../src/app/open-plan';
import { loadDeployment } from '../../src/formats/read-deployment';
import { readDocument } from '../../src/formats/read-document';
import { loadProfile } from '../../src/formats/read-profile';
import { loadTelemetry } from '../../src/formats/read-telemetry';
import { type Block, blocksOf, GUIDES, runnableBlocks } from './guides';

const CATALOG = loadCatalog();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docs-inputs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const named = (blocks: readonly Block[]) =>
  blocks.map((block) => [`${block.guide}: ${block.file}`, block] as const);

test('the guides have examples of every format', () => {
  const files = runnableBlocks(['yaml', 'json', 'csv']).map(({ file }) => file);
  expect(files).toEqual(expect.arrayContaining(['request.yaml', 'deployment.yaml', 'trace.csv']));
  expect(files).not.toContain(null);
});

test.each(named(runnableBlocks(['yaml'])))('%s is read as it stands', (_, block) => {
  const path = place(block);
  if ('engine' in (readDocument(path) as object)) {
    // Its requests are what a command of the guide writes.
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${100 + i},${10 + i},${50 + i}`);
    writeFileSync(
      join(dirname(path), 'requests.csv'),
      ['arrived_at_s,prompt_tokens,output_tokens,ttft_ms', ...rows].join('\n'),
    );
    expect(() => loadTelemetry(path, CATALOG)).not.toThrow();
    return;
  }
  if ('deployment' in (readDocument(path) as object)) {
    expect(() => loadDeployment(path, CATALOG)).not.toThrow();
    return;
  }
  const documents = [{ source: path, value: readDocument(path) }];
  // A section alone (prices, …) is completed by the smallest request around it.
  if (!('model' in (readDocument(path) as object)))
    documents.push({ source: 'rest', value: { model: 'llama-7b', config_space: { gpu_types: ['H100'] } } });
  expect(() =>
    openPlan({ documents, profiles: [], model: null, catalog: CATALOG, acceptProfileErrors: true }),
  ).not.toThrow();
});

test.each(named(runnableBlocks(['json']).filter(({ file }) => file?.endsWith('metadata.json') === true)))(
  '%s is a profile that can be read',
  (_, block) => {
    const path = place(block);
    const profile = loadProfile(dirname(path), CATALOG);
    expect([profile.modelId, profile.gpuId]).toEqual(['llama-2-7b', 'a100-80gb']);
  },
);

/** Writes all files of the block's guide and returns the path of the block's own. */
function place({ guide, file }: Block): string {
  expect(GUIDES).toContain(guide);
  for (const other of blocksOf(guide)) {
    if (other.file === null) continue;
    const path = join(folder, other.file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, other.body);
  }
  return join(folder, file ?? '');
}
