/** What the environment decides. The only place that reads it; the composition roots pass the values on. */
export interface Config {
  /** The terminal cannot move its cursor, so a progress bar would only print lines. */
  readonly dumbTerminal: boolean;
}

export const readConfig = (env: Readonly<NodeJS.ProcessEnv> = process.env): Config => ({
  dumbTerminal: env.TERM === 'dumb',
});
