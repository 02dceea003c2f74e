// Plots as SVG: panels with axes, ticks and a legend. Colours follow the reader's scheme, light or dark.

/** Okabe and Ito's colours, told apart by colour-blind readers, on white as on black. */
export const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const SHAPES = ['circle', 'square', 'triangle', 'diamond'];
const STYLE =
  'text{font:12px system-ui,sans-serif;fill:#333}.small{font-size:10px}.axis{stroke:#666;fill:none}.grid{stroke:#ccc;fill:none}' +
  '@media(prefers-color-scheme:dark){text{fill:#ddd}.axis{stroke:#999}.grid{stroke:#444}}';

const escaped = (text) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
export const text = (x, y, words, anchor = 'middle', extra = '') =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${extra}>${escaped(words)}</text>`;
export const line = (x1, y1, x2, y2, kind) =>
  `<line class="${kind}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
export const bar = (x, y, width, height, colour, opacity = 1) =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${colour}" opacity="${opacity}"/>`;
const round = (value) => Number(value.toFixed(1));

/** The whole picture. `title` and `description` are for screen readers too. */
export function svg({ width, height, title, description, parts }) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(description)}</desc>
<style>${STYLE}</style>
${parts.flat(Number.POSITIVE_INFINITY).join('\n')}
</svg>
`;
}

/** One mark; series differ in shape as well as colour. */
export function mark(x, y, series) {
  const colour = PALETTE[series % PALETTE.length];
  const [a, b] = [round(x), round(y)];
  const shape = SHAPES[series % SHAPES.length];
  if (shape === 'circle') return `<circle cx="${a}" cy="${b}" r="4" fill="${colour}"/>`;
  if (shape === 'square')
    return `<rect x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7" fill="${colour}"/>`;
  const points = shape === 'triangle' ? [0, -5, 4.5, 4, -4.5, 4] : [0, -5, 5, 0, 0, 5, -5, 0];
  const at = points.map((offset, i) => round((i % 2 === 0 ? x : y) + offset)).join(' ');
  return `<polygon points="${at}" fill="${colour}"/>`;
}

export const legend = (names, x, y, step) =>
  names.map((name, i) => [mark(x + i * step, y - 4, i), text(x + i * step + 9, y, name, 'start')]);

/** Axes of a panel: where values go, and the lines and labels. Each axis: `range`, `ticks` [value, label], `name`, `log`. */
export function panel({ left, top, width, height, x, y, title }) {
  const place = ({ range: [from, to], log }, value) => {
    const of = log ? Math.log : (v) => v;
    return (of(value) - of(from)) / (of(to) - of(from));
  };
  const px = (value) => left + width * place(x, value);
  const py = (value) => top + height * (1 - place(y, value));
  const [middle, bottom] = [left + width / 2, top + height];
  const parts = [
    x.ticks.map(([value, label]) => [
      line(px(value), top, px(value), bottom, 'grid'),
      text(px(value), bottom + 15, label),
    ]),
    y.ticks.map(([value, label]) => [
      line(left, py(value), left + width, py(value), 'grid'),
      text(left - 6, py(value) + 4, label, 'end'),
    ]),
    line(left, bottom, left + width, bottom, 'axis'),
    line(left, top, left, bottom, 'axis'),
    text(middle, top - 8, title),
    text(middle, bottom + 32, x.name),
    text(
      left - 42,
      top + height / 2,
      y.name,
      'middle',
      ` transform="rotate(-90 ${left - 42} ${top + height / 2})"`,
    ),
  ];
  return { px, py, parts };
}
