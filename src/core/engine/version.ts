/** Version of the engine, its time model and the search: changes whenever the same request may get another answer. */
export const ENGINE_VERSION = '1.2';
