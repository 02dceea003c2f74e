import { stringify } from 'yaml';

/** A document as YAML text, as a person would write it: no anchors, lines unbroken. */
export const renderYaml = (value: unknown): string =>
  stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
