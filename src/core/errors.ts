/** Where and why an input was refused. Every caller error of the product is one of these. */
export interface InputFault {
  /** File, request or argument the value came from, as the caller named it. */
  readonly source: string;
  /** Path inside the source, e.g. `workload.prompt_length.mean` or `row 12, column output_tokens`. */
  readonly path: string;
  /** What was found, already rendered for a person. */
  readonly found: string;
  /** What would have been accepted. */
  readonly allowed: string;
  /** What to do, often the nearest valid name. */
  readonly hint?: string;
}

/** An input the caller can mend. Its message is one line: where, what was found, what is allowed, what to do. */
export class InputError extends Error {
  readonly code = 'INVALID_INPUT';
  readonly fault: InputFault;

  constructor(fault: InputFault) {
    const where = fault.path === '' ? fault.source : `${fault.source}: ${fault.path}`;
    const hint = fault.hint === undefined ? '' : `; ${fault.hint}`;
    super(`${where}: found ${fault.found}; allowed: ${fault.allowed}${hint}`);
    this.name = 'InputError';
    this.fault = fault;
  }
}
