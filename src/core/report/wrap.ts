/**
 * Breaks text at spaces into lines of at most `width` columns. The first line starts with `first`, the others with
 * `indent`. A word longer than a line is left whole: ids and paths must stay copyable. Line breaks in `text` are spaces.
 */
export function wrap(text: string, width: number, indent: string, first = ''): string[] {
  // Indentation that the text brings itself belongs to the first line.
  const lead = first + (/^ */.exec(text)?.[0] ?? '');
  const lines: string[] = [];
  let line = lead;
  let empty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const next = empty ? line + word : `${line} ${word}`;
    if (!empty && next.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = next;
    }
    empty = false;
  }
  return [...lines, line];
}
