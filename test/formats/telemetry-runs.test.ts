import { CATALOG, faultOf, oneLine } from './support';
import { codes, csvOf, load, parse, someSamples } from './telemetry-support';

describe('iterations', () => {
  const rows = Array.from({ length: 30 }, (_, i) => ['decode', 8, 0, 4000 + i, (20 + i) / 1e3]);

  test('of a CSV, in seconds', () => {
    const text = csvOf(['type', 'num_seqs', 'new_tokens', 'kv_tokens', 'time_s'], rows);
    const read = load({ iterations: 'i.csv' }, { 'i.csv': text });
    expect(codes(read)).toEqual([]);
    expect(read.telemetry.iterations![1]).toEqual({
      type: 'decode',
      batchSize: 8,
      promptTokens: 0,
      contextTokens: 4001,
      timeMs: 21,
    });
    expect(read.telemetry.requests).toBeNull();
  });

  test('of the document itself', () => {
    const iterations = rows.map((row) => ({
      type: row[0],
      batch_size: 8,
      context_tokens: row[3],
      time_ms: 20,
    }));
    expect(codes(parse({ iterations }))).toEqual(['NO_VARIATION error']);
  });

  test('without what they need', () => {
    expect(oneLine(faultOf(() => parse({ iterations: [{ type: 'decode', batch_size: 1 }] })))).toBe(
      'iterations | no column time_ms | a column time_ms, or one of its other names',
    );
  });
});

/** What `vllm bench serve --save-result` writes of a run, as far as it is read, and some of what is not. */
const bench = {
  date: '20260820-231939',
  backend: 'vllm',
  model_id: 'meta-llama/Llama-2-7b-hf',
  num_prompts: 202,
  request_rate: 4,
  burstiness: 1,
  max_concurrency: null,
  duration: 60,
  completed: 200,
  failed: 2,
  total_input_tokens: 100_000,
  total_output_tokens: 20_000,
  request_throughput: 3.33,
  mean_ttft_ms: 80,
  median_ttft_ms: 70,
  std_ttft_ms: 12,
  p99_ttft_ms: 200,
  mean_tpot_ms: 25,
  median_tpot_ms: 24,
  p99_tpot_ms: 40,
  mean_itl_ms: 25,
};

describe('vllm bench serve', () => {
  test('the sums', () => {
    const read = load({ vllm_bench: 'b.json' }, { 'b.json': JSON.stringify(bench) });
    expect(codes(read)).toEqual(['FAILED info']);
    expect(read.telemetry.summary).toEqual({
      rateQps: 4,
      requests: 200,
      meanPromptTokens: 500,
      meanOutputTokens: 100,
      meanCachedPromptTokens: 0,
      ttft: { meanMs: 80, p50Ms: 70, p90Ms: null, p99Ms: 200 },
      tpot: { meanMs: 25, p50Ms: 24, p90Ms: null, p99Ms: 40 },
      e2e: null,
    });
  });

  test('a run that kept a number in flight says so', () => {
    expect(codes(parse({ vllm_bench: { ...bench, failed: 0, request_rate: 'inf' } }))).toEqual([
      'CLOSED_LOOP warning',
    ]);
    expect(codes(parse({ vllm_bench: { ...bench, failed: 0, max_concurrency: 8 } }))).toEqual([
      'CLOSED_LOOP warning',
    ]);
    const { rateQps } = parse({ vllm_bench: { ...bench, request_rate: 'inf' } }).telemetry.summary!;
    expect(rateQps).toBeCloseTo(200 / 60, 10);
  });

  const samples = someSamples(40);
  const details = {
    input_lens: samples.map(({ prompt }) => prompt),
    output_lens: samples.map(({ output }) => output),
    ttfts: samples.map(({ ttftMs }) => ttftMs / 1e3),
    itls: samples.map(({ output, tpotMs }) => Array(output - 1).fill(tpotMs / 1e3)),
    errors: samples.map(() => ''),
    generated_texts: samples.map(() => 'x'),
  };

  test('each request, where its start is recorded', () => {
    const startTimes = samples.map(({ arrivedAtS }) => 7000 + arrivedAtS);
    const failing = { errors: details.errors.with(5, 'Timeout'), ttfts: details.ttfts.with(5, 0) };
    const read = parse({ vllm_bench: { ...bench, ...details, ...failing, start_times: startTimes } });
    expect(read.findings).toMatchObject([{ code: 'FAILED', rows: [6], excluded: true }]);
    expect(read.telemetry.summary).toBeNull();
    const { arrivedAtS, tpotMs, e2eMs } = read.telemetry.requests!;
    samples.toSpliced(5, 1).forEach((sample, i) => {
      expect([arrivedAtS[i], tpotMs[i], e2eMs[i]].map((value) => Number(value!.toFixed(6)))).toEqual([
        sample.arrivedAtS,
        sample.tpotMs,
        sample.e2eMs,
      ]);
    });
  });

  test('else their sums, with percentiles the file may lack', () => {
    const { telemetry } = parse({ vllm_bench: { ...bench, ...details } });
    expect(telemetry.requests).toBeNull();
    expect(telemetry.summary).toMatchObject({ rateQps: 4, requests: 40 });
    expect(telemetry.summary!.e2e!.p90Ms).toBeGreaterThan(0);
  });

  test.each<[object, string]>([
    [{ completed: undefined }, 'vllm_bench.completed | nothing (the key is missing) | a number'],
    [{ mean_ttft_ms: 'fast' }, 'vllm_bench.mean_ttft_ms | "fast" | a number'],
    [{ ...details, ttfts: [1] }, 'vllm_bench.ttfts | 1 entries | a list of 40 entries, as input_lens has'],
    [{ duration: 0 }, 'vllm_bench.duration | 0 | seconds above 0'],
  ])('%# is refused', (change, expected) =>
    expect(oneLine(faultOf(() => parse({ vllm_bench: { ...bench, ...change } })))).toBe(expected),
  );

  test('of another model, or under a name of its own', () => {
    const of = (model_id: string) => parse({ vllm_bench: { ...bench, failed: 0, model_id } });
    expect(codes(of('codellama/CodeLlama-34b-Instruct-hf'))).toEqual(['MIXED_DEPLOYMENT error']);
    expect(codes(of('/models/mine'))).toEqual([]);
    expect(of('/models/mine').assumptions).toContain(
      'model_id "/models/mine" is no model of the catalogue: taken as llama-2-7b.',
    );
  });

  test('no request was completed', () =>
    expect(codes(parse({ vllm_bench: { ...bench, completed: 0, failed: 0, num_prompts: 0 } }))).toEqual([
      'EMPTY error',
    ]));
});

const MODEL = 'model_name="meta-llama/Llama-2-7b-hf"';

/** One engine of a server: `count` requests, a tenth of whose TTFTs lie in each of the lower buckets. */
function scrapeOf(count: number, engine = 0, tpot = 'vllm:request_time_per_output_token_seconds'): string {
  const labels = `engine="${engine}",${MODEL}`;
  const histogram = (name: string, edges: readonly string[], shares: readonly number[], mean: number) => [
    `# TYPE ${name} histogram`,
    ...edges.map((le, i) => `${name}_bucket{${labels},le="${le}"} ${count * shares[i]!}`),
    `${name}_count{${labels}} ${count}`,
    `${name}_sum{${labels}} ${count * mean}`,
  ];
  return [
    '# HELP python_info not ours',
    'python_info{version="3.12"} 1.0',
    ...histogram(
      'vllm:time_to_first_token_seconds',
      ['0.05', '0.1', '0.2', '+Inf'],
      [0.1, 0.6, 0.95, 1],
      0.1,
    ),
    ...histogram(tpot, ['0.02', '0.03', '+Inf'], [0.5, 1, 1], 0.02),
    ...histogram('vllm:e2e_request_latency_seconds', ['1.0', '4.0', '+Inf'], [0.25, 1, 1], 2),
    `vllm:num_requests_running{${labels}} 2.0`,
    `vllm:num_requests_waiting{${labels}} 0.0`,
    `vllm:prompt_tokens_total{${labels}} ${count * 500}`,
    `vllm:prompt_tokens_created{${labels}} 1.7e9`,
    `vllm:generation_tokens_total{${labels}} ${count * 100}`,
    `vllm:prefix_cache_queries_total{${labels}} ${count * 500}`,
    `vllm:prefix_cache_hits_total{${labels}} ${count * 100}`,
    `vllm:request_success_total{${labels},finished_reason="stop"} ${count * 0.75}`,
    `vllm:request_success_total{${labels},finished_reason="length"} ${count * 0.25}`,
    `vllm:request_success_total{${labels},finished_reason="abort"} 3`,
    '',
  ].join('\n');
}

describe('a Prometheus scrape', () => {
  test('its histograms and counters', () => {
    const read = load({ prometheus: 'm.txt', duration_s: 400 }, { 'm.txt': scrapeOf(400) });
    expect(codes(read)).toEqual([]);
    const { ttft, tpot, e2e, ...rest } = read.telemetry.summary!;
    expect(rest).toEqual({
      rateQps: 1,
      requests: 400,
      meanPromptTokens: 500,
      meanOutputTokens: 100,
      meanCachedPromptTokens: 100,
    });
    // Half of the requests: 0.05 s + 0.05 s × (0.5 − 0.1) ÷ (0.6 − 0.1). The last bucket has no upper edge.
    expect(ttft!.p50Ms).toBeCloseTo(90, 9);
    expect(ttft!.p90Ms).toBeCloseTo(100 + (100 * 0.3) / 0.35, 9);
    expect(ttft).toMatchObject({ meanMs: 100, p99Ms: null });
    expect(tpot).toMatchObject({ meanMs: 20, p50Ms: 20 });
    expect(e2e).toMatchObject({ meanMs: 2000, p50Ms: 2000 });
  });

  test('engines are added, what was before is taken away', () => {
    const after = scrapeOf(400) + scrapeOf(600, 1);
    const before = scrapeOf(100) + scrapeOf(100, 1);
    const { summary } = parse({ prometheus: after, prometheus_before: before, duration_s: 400 }).telemetry;
    expect(summary).toMatchObject({
      rateQps: 2,
      requests: 800,
      meanPromptTokens: 500,
      meanOutputTokens: 100,
    });
    expect(summary!.ttft!.p50Ms).toBeCloseTo(90, 9);
  });

  test.each(['vllm:inter_token_latency_seconds', 'vllm:time_per_output_token_seconds'])(
    '%s counts tokens: only its mean is a TPOT',
    (name) => {
      const read = parse({ prometheus: scrapeOf(400, 0, name), duration_s: 400 });
      expect(read.telemetry.summary!.tpot).toEqual({ meanMs: 20, p50Ms: null, p90Ms: null, p99Ms: null });
      expect(read.assumptions.at(-1)).toContain(name);
    },
  );

  test('a duration that contradicts the requests in flight', () => {
    expect(codes(parse({ prometheus: scrapeOf(400), duration_s: 40 }))).toEqual(['CONCURRENCY warning']);
  });

  test('a server that served nothing', () => {
    expect(codes(parse({ prometheus: scrapeOf(0), duration_s: 40 }))).toContain('EMPTY error');
  });

  const line = (text: string, from: string | RegExp, to: string) => text.replace(from, to);

  test.each<[string, object, string]>([
    [
      'two models',
      { prometheus: scrapeOf(4) + line(scrapeOf(4), /Llama-2-7b-hf/g, 'other') },
      'one model_name',
    ],
    ['no metrics', { prometheus: 'python_info 1\n' }, "the text of vLLM's /metrics"],
    ['a broken line', { prometheus: `${scrapeOf(4)}vllm:x{a="b} 1\n` }, 'label="value", …'],
    ['no value', { prometheus: `${scrapeOf(4)}vllm:x{a="b"}\n` }, 'name{label="value"} number'],
    [
      'a bucket cut out',
      { prometheus: line(scrapeOf(4), /vllm:time_to_first_token_seconds_bucket.*Inf.*\n/, '') },
      '_bucket up to +Inf in the same edges for every engine, _sum, and _count equal to the last bucket',
    ],
    [
      'a server started again in between',
      { prometheus: scrapeOf(40), prometheus_before: scrapeOf(400) },
      'two scrapes of one run of the server, the earlier one as prometheus_before',
    ],
    [
      'nothing later',
      { prometheus_before: scrapeOf(4), samples: [] },
      'the later scrape of prometheus_before',
    ],
    [
      'two tellings of one run',
      { prometheus: scrapeOf(400), vllm_bench: bench },
      'one of them in a document',
    ],
  ])('%s is refused', (_, fields, allowed) =>
    expect(faultOf(() => parse({ ...fields, duration_s: 400 })).allowed).toBe(allowed),
  );

  test('every kind that is not the same run told twice goes together', () => {
    const iterations = Array.from({ length: 30 }, (_, i) => ({
      type: 'prefill',
      batch_size: 1,
      prompt_tokens: 500,
      time_ms: 40 + i,
    }));
    const samples = someSamples(30).map((s) => ({
      arrived_at_s: s.arrivedAtS,
      prompt_tokens: s.prompt,
      output_tokens: s.output,
      e2e_ms: s.e2eMs,
    }));
    const read = parse({ samples, iterations, prometheus: scrapeOf(400), duration_s: 400 });
    expect(codes(read)).toEqual([]);
    expect(Object.values(read.telemetry)).not.toContain(null);
    expect(CATALOG.models.map(({ id }) => id)).toContain(read.telemetry.deployment.modelId);
  });
});
