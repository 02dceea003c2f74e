// The tables of docs/schedulers.md, from plans made with dist/cli.js. Without a flag it writes them into the guide;
// `--check` compares them with what stands there.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const guide = join(root, 'docs', 'schedulers.md');

const ONE_REPLICA = { gpu_types: 'A100', tensor_parallel: 2, num_replicas: 1, max_batch_sizes: 128 };
const ALL = ['vllm', 'vllm-v0', 'sarathi', 'orca', 'faster-transformer'];
const SHORT = { arrival_rate_range: [0.1, 100], prompt_length: 512, output_length: 128 };
const LONG = {
  arrival_rate_range: [0.1, 100],
  prompt_length: { distribution: 'normal', mean: 3000, std: 500 },
  output_length: { distribution: 'normal', mean: 200, std: 40 },
};
const targets = (e2eMs) => ({ max_ttft_p95_ms: 2000, max_tbt_p99_ms: 200, max_latency_p99_ms: e2eMs });

const TABLES = {
  short: {
    workload: SHORT,
    constraints: targets(10_000),
    config_space: { ...ONE_REPLICA, schedulers: ALL },
  },
  long: {
    workload: LONG,
    constraints: targets(20_000),
    config_space: { ...ONE_REPLICA, schedulers: ALL },
  },
  budget: {
    workload: LONG,
    constraints: targets(20_000),
    config_space: {
      ...ONE_REPLICA,
      schedulers: ['vllm', 'sarathi'],
      max_batched_tokens: [512, 1024, 2048, 4096],
      chunk_size: [256, 512, 1024, 2048],
    },
  },
};

const text = readFileSync(guide, 'utf8');
let made = text;
for (const [name, request] of Object.entries(TABLES))
  made = withTable(made, name, tableOf(plan(name, request), name));
if (process.argv.includes('--check')) {
  if (made !== text) {
    const [before, after] = [text.split('\n'), made.split('\n')];
    const at = after.findIndex((line, i) => line !== before[i]);
    console.error(`docs/schedulers.md, line ${at + 1}: found\n${before[at]}\nthe engine gives\n${after[at]}`);
    console.error(
      'write the tables again with `node scripts/docs-schedulers.mjs`, and check that the text still holds',
    );
    process.exitCode = 1;
  }
} else if (made !== text) writeFileSync(guide, made);

function plan(name, request) {
  const folder = mkdtempSync(join(tmpdir(), 'schedulers-'));
  try {
    const [file, output] = [join(folder, `${name}.json`), join(folder, 'plan.json')];
    const simulation = { duration: 300, warmup_duration: 30, random_seed: 42 };
    writeFileSync(file, JSON.stringify({ model: 'codellama-34b', ...request, simulation }));
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, 'dist', 'cli.js'), 'plan', '--request', file, '--output', output],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`plan ${name} ended with ${status}: ${stderr}`);
    return JSON.parse(readFileSync(output, 'utf8')).all_candidates;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tableOf(candidates, name) {
  const byBudget = name === 'budget';
  const head = [
    byBudget ? 'setting' : 'scheduler',
    'max QPS',
    '90% interval',
    'gives first',
    'TTFT p95',
    'TBT p99',
    'e2e p99',
    'MFU',
  ];
  const rows = candidates.map((c) => {
    const { config, metrics } = c;
    const setting =
      config.scheduler === 'sarathi'
        ? `chunk_size: ${config.chunk_size}`
        : `max_batched_tokens: ${config.max_batched_tokens}`;
    const interval = c.max_qps_interval?.map(qps).join(' – ') ?? '–';
    return [
      byBudget ? `\`${config.scheduler}\`, \`${setting}\`` : `\`${config.scheduler}\``,
      c.max_qps === null ? 'infeasible' : qps(c.max_qps),
      interval,
      c.binding_target
        ?.replace(/^max_|_ms$/g, '')
        .replace('latency', 'e2e')
        .replace(/_/g, ' ')
        .replace(/ttft|tbt/, (m) => m.toUpperCase()) ?? 'end of range',
      ms(metrics.p95_ttft_ms),
      ms(metrics.p99_tbt_ms),
      ms(metrics.p99_latency_ms),
      `${Math.round(metrics.mean_mfu * 100)}%`,
    ];
  });
  return [head, head.map((_, i) => (i === 0 || i === 3 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

function qps(value) {
  return String(Number(value.toPrecision(3)));
}

function ms(value) {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${Math.round(value)} ms`;
}

function withTable(guideText, name, table) {
  const block = new RegExp(`(<!-- table: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
  if (!block.test(guideText)) throw new Error(`docs/schedulers.md has no place for the table ${name}`);
  return guideText.replace(block, (_, start, end) => `${start}\n${table}\n\n${end}`);
}
