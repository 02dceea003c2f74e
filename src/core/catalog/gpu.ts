/** One GPU type. FLOP rates are dense (no structured sparsity); bandwidths are per GPU and one direction. */
export interface Gpu {
  /** Catalogue id, e.g. `a100-80gb`. */
  readonly id: string;
  /** Name printed in reports, e.g. `NVIDIA A100 SXM4 80GB`. */
  readonly name: string;
  readonly memoryBytes: number;
  readonly memoryBandwidthBytesPerS: number;
  /** Dense 16-bit peak: bf16, or fp16 where the GPU has no bf16. */
  readonly flops16PerS: number;
  /** Dense 8-bit float peak; null where the GPU has no such unit. */
  readonly flops8PerS: number | null;
  /** Link to the other GPUs of the node: NVLink or the like, else PCIe. */
  readonly linkBytesPerS: number;
  readonly maxGpusPerNode: number;
}
