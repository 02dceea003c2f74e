import type { Command } from 'commander';
import { loadCatalog } from '../../app/load-catalog';
import { resolveGpu } from '../../core/catalog/names';
import type { CliContext } from './cli-context';
import { renderTable } from './table';

/** Lists of the names a request may use. */
export function addCatalogCommand(program: Command, { stdout }: CliContext): void {
  const catalog = program
    .command('catalog')
    .summary('list the GPUs, models and prices known')
    .description('Lists the GPUs, the models and the prices that a request may name.')
    .addHelpText(
      'after',
      '\nExamples:\n  $ simfaasinfer catalog gpus\n  $ simfaasinfer catalog prices --gpu H100\n',
    );
  catalog
    .command('gpus')
    .description('Lists the GPU types.')
    .action(() => void stdout.write(gpus()));
  catalog
    .command('models')
    .description('Lists the models.')
    .action(() => void stdout.write(models()));
  catalog
    .command('prices')
    .description('Lists the quotes of the price book, dollars per GPU and hour.')
    .option('--gpu <name>', 'only those of this GPU')
    .action(({ gpu }: { gpu?: string }) => void stdout.write(prices(gpu)));
}

const gpus = (): string =>
  renderTable(loadCatalog().gpus, [
    { head: 'ID', value: ({ id }) => id },
    { head: 'NAME', value: ({ name }) => name },
    { head: 'GB', value: ({ memoryBytes }) => round(memoryBytes / 1e9) },
    { head: 'GB/S', value: ({ memoryBandwidthBytesPerS }) => round(memoryBandwidthBytesPerS / 1e9) },
    { head: 'TFLOP/S 16-BIT', value: ({ flops16PerS }) => round(flops16PerS / 1e12) },
    {
      head: 'TFLOP/S 8-BIT',
      value: ({ flops8PerS }) => (flops8PerS === null ? null : round(flops8PerS / 1e12)),
    },
    { head: 'LINK GB/S', value: ({ linkBytesPerS }) => round(linkBytesPerS / 1e9) },
  ]);

const models = (): string =>
  renderTable(loadCatalog().models, [
    { head: 'ID', value: ({ id }) => id },
    { head: 'HUGGING FACE', value: ({ hfId }) => hfId },
    { head: 'BILLION PARAMS', value: ({ paramsTotal }) => Number((paramsTotal / 1e9).toFixed(1)) },
    { head: 'ATTENTION', value: ({ attention }) => attention },
    { head: 'WEIGHTS GB', value: ({ weightBytes }) => round(weightBytes / 1e9) },
    { head: 'KV BYTES/TOKEN', value: ({ kvBytesPerToken }) => kvBytesPerToken },
    { head: 'CONTEXT', value: ({ maxContextTokens }) => maxContextTokens },
  ]);

function prices(gpu: string | undefined): string {
  const catalog = loadCatalog();
  const id = gpu === undefined ? null : resolveGpu(catalog, gpu, { source: '--gpu', path: '' }).id;
  const quotes = catalog.prices.quotes.filter(({ gpuId }) => id === null || gpuId === id);
  return renderTable(quotes, [
    { head: 'GPU', value: ({ gpuId }) => gpuId },
    { head: 'PROVIDER', value: ({ provider }) => provider },
    { head: 'KIND', value: ({ kind }) => kind },
    { head: 'USD/GPU-HOUR', value: ({ usdPerGpuHour }) => Number(usdPerGpuHour.toFixed(4)) },
    { head: 'GPUS', value: ({ gpusPerInstance }) => gpusPerInstance },
    { head: 'REGION', value: ({ region }) => region },
    { head: 'DATE', value: ({ date }) => date },
    { head: 'PRODUCT', value: ({ product }) => product },
  ]);
}

const round = (value: number): number => Number(value.toPrecision(3));
