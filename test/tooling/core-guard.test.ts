import { join } from 'node:path';
import ts from 'typescript';

// The core is pure because its own tsconfig knows no environment. This compiles snippets under that very file.

const core = join(__dirname, '../../src/core');

const REFUSED = {
  'the environment': 'export const x = process.env;',
  'the network': "export const x = fetch('http://localhost');",
  timers: 'export const x = setTimeout(() => undefined, 1);',
  'the console': "console.log('x');",
  'node globals': "export const x = Buffer.from('x');",
  'node builtins': "export { readFileSync } from 'node:fs';",
  'the clock of the platform': 'export const x = performance.now();',
};

const ACCEPTED = {
  arithmetic: 'export const x = Math.sqrt(2);',
  'typed arrays': 'export const x = new Float64Array(2).fill(1);',
  'es2023 methods': 'export const x = [2, 1].toSorted();',
};

/** Compiles all snippets as files of src/core in one program; tells for each whether a type error came of it. */
function refusals(snippets: Record<string, string>): Record<string, boolean> {
  const file = ts.readConfigFile(join(core, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(file.config, ts.sys, core);
  const texts = new Map(
    Object.values(snippets).map((text, i) => [join(core, `snippet-${i}.ts`).replaceAll('\\', '/'), text]),
  );

  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);

  const program = ts.createProgram([...texts.keys()], options, host);
  const refused = [...texts.keys()].map((name) => {
    const source = program.getSourceFile(name);
    return program.getSemanticDiagnostics(source).length > 0;
  });
  return Object.fromEntries(Object.keys(snippets).map((label, i) => [label, refused[i] as boolean]));
}

test('the core cannot name anything of its environment', () => {
  expect(refusals(REFUSED)).toEqual(Object.fromEntries(Object.keys(REFUSED).map((label) => [label, true])));
});

test('the core can use the language', () => {
  expect(refusals(ACCEPTED)).toEqual(
    Object.fromEntries(Object.keys(ACCEPTED).map((label) => [label, false])),
  );
});
