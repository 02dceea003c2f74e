/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // dist/ holds a second copy of every module; jest must not find modules there by name.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, useDefineForClassFields: false },
          target: 'es2022',
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // Some tests start the built CLI, which starts threads of its own: more workers would only compete with them.
  maxWorkers: 2,
  testTimeout: 60_000,
  // The second one ends the output with a line that scripts read.
  reporters: ['default', '<rootDir>/test/support/count-reporter.cjs'],
};
