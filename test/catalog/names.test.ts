import { loadCatalog } from '../../src/app/load-catalog';
import { resolveGpu, resolveModel } from '../../src/core/catalog/names';
import { InputError } from '../../src/core/errors';

const catalog = loadCatalog();
const where = { source: 'request.yaml', path: 'config_space.gpu_types[0]' };

describe('resolveGpu', () => {
  test.each([
    ['A100', 'a100-80gb'],
    ['a100-80gb', 'a100-80gb'],
    ['NVIDIA A100', 'a100-80gb'],
    ['NVIDIA A100-SXM4-80GB', 'a100-80gb'],
    ['NVIDIA A100-SXM4-40GB', 'a100-40gb'],
    ['A100_80GB', 'a100-80gb'],
    ['H100', 'h100-sxm'],
    ['NVIDIA H100 80GB HBM3', 'h100-sxm'],
    ['NVIDIA H100 PCIe', 'h100-pcie'],
    ['NVIDIA H200', 'h200'],
    ['A10G', 'a10g'],
    ['NVIDIA A10G', 'a10g'],
    ['NVIDIA L40S', 'l40s'],
    ['Tesla T4', 't4'],
    ['Tesla V100-SXM2-16GB', 'v100-16gb'],
    ['NVIDIA GeForce RTX 4090', 'rtx-4090'],
    ['NVIDIA RTX PRO 6000 Blackwell Server Edition', 'rtx-pro-6000'],
    ['NVIDIA B200', 'b200'],
    ['AMD Instinct MI300X', 'mi300x'],
    [' H100 ', 'h100-sxm'],
  ])('%s is %s', (name, id) => {
    expect(resolveGpu(catalog, name, where).id).toBe(id);
  });

  test('every id and every printed name resolves to itself', () => {
    for (const gpu of catalog.gpus) {
      expect(resolveGpu(catalog, gpu.id.toUpperCase(), where).id).toBe(gpu.id);
      expect(resolveGpu(catalog, gpu.name, where).id).toBe(gpu.id);
    }
  });

  test.each([
    ['H10', /did you mean .*h100/],
    ['A10', /a10g/],
    ['A100-PCIE-80GB', /a100-80gb|allowed/],
    ['constructor', /allowed/],
    ['', /allowed/],
  ])('%j is refused, with the place and near names', (name, hint) => {
    expect(() => resolveGpu(catalog, name, where)).toThrow(InputError);
    expect(() => resolveGpu(catalog, name, where)).toThrow(hint);
    expect(() => resolveGpu(catalog, name, where)).toThrow(
      /^request\.yaml: config_space\.gpu_types\[0\]: found /,
    );
  });
});

describe('resolveModel', () => {
  test.each([
    ['llama-7b', 'llama-2-7b'],
    ['llama-13b', 'llama-2-13b'],
    ['llama-70b', 'llama-2-70b'],
    ['Llama-2-7B', 'llama-2-7b'],
    ['llama2-7b', 'llama-2-7b'],
    ['meta-llama/Llama-2-7b-hf', 'llama-2-7b'],
    ['meta-llama/Llama-2-7b-chat-hf', 'llama-2-7b'],
    ['meta-llama/Llama-3.1-8B-Instruct', 'llama-3.1-8b'],
    ['meta-llama/Meta-Llama-3.1-8B', 'llama-3.1-8b'],
    ['meta-llama/Meta-Llama-3-8B-Instruct', 'llama-3-8b'],
    ['meta-llama/Llama-3.3-70B-Instruct', 'llama-3.3-70b'],
    ['codellama/CodeLlama-34b-Instruct-hf', 'codellama-34b'],
    ['mistralai/Mixtral-8x7B-Instruct-v0.1', 'mixtral-8x7b'],
    ['Qwen/Qwen3-32B', 'qwen3-32b'],
    ['qwen-3-32b', 'qwen3-32b'],
    ['openai/gpt-oss-120b', 'gpt-oss-120b'],
  ])('%s is %s', (name, id) => {
    expect(resolveModel(catalog, name, where).id).toBe(id);
  });

  test('every id and every Hugging Face id resolves to itself', () => {
    for (const model of catalog.models) {
      expect(resolveModel(catalog, model.id, where).id).toBe(model.id);
      expect(resolveModel(catalog, model.hfId, where).id).toBe(model.id);
    }
  });

  test.each([
    ['llama-8b', /llama-3-8b or llama-3\.1-8b/],
    ['gpt2', /allowed/],
    ['someone/Llama-2-7b-hf', /did you mean .*llama-2-7b/],
    ['qwen3-31b', /qwen3-32b/],
    ['__proto__', /allowed/],
  ])('%s is refused, never guessed', (name, hint) => {
    expect(() => resolveModel(catalog, name, where)).toThrow(InputError);
    expect(() => resolveModel(catalog, name, where)).toThrow(hint);
  });
});
