const NUMBERS = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

const count = (number) => NUMBERS.format(number);

const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

const known = (value, show) => (value === null || value === undefined ? null : show(value));

/** Milliseconds as people read them. */
const span = (ms) => {
  if (Math.abs(ms) < 1000) return `${count(Number(ms.toPrecision(3)))} ms`;
  if (Math.abs(ms) < 60_000) return `${count(ms / 1000)} s`;
  return `${count(Math.trunc(ms / 60_000))} min ${count(Math.round((Math.abs(ms) % 60_000) / 1000))} s`;
};

const bytes = (size) => {
  if (size < 1000) return `${count(size)} B`;
  if (size < 1e6) return `${count(Number((size / 1e3).toPrecision(3)))} kB`;
  return `${count(Number((size / 1e6).toPrecision(3)))} MB`;
};

const rate = (perSecond) => `${count(Number(perSecond.toPrecision(3)))}/s`;

const MAX_INDENT = 24;
const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** JSON in lines, its numbers and repeated keys as they stand; null for what is no JSON. */
const laidOut = (text) => {
  if (!isJson(text)) return null;
  const lines = [];
  let line = "";
  let depth = 0;
  const feed = () => {
    lines.push(line);
    line = "  ".repeat(Math.min(depth, MAX_INDENT));
  };
  const tokens = text.match(JSON_TOKEN) ?? [];
  tokens.forEach((token, at) => {
    const isEmpty =
      (token === "}" && tokens[at - 1] === "{") || (token === "]" && tokens[at - 1] === "[");
    if ((token === "}" || token === "]") && (depth -= 1) >= 0 && !isEmpty) feed();
    line += token;
    if (token === "{" || token === "[") {
      depth += 1;
      if (tokens[at + 1] !== "}" && tokens[at + 1] !== "]") feed();
    } else if (token === ",") feed();
    else if (token === ":") line += " ";
  });
  lines.push(line);
  return lines.join("\n");
};

const isJson = (text) => {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** JSON laid out, and strings with their line breaks, where the text is JSON. */
const readable = (text) => laidOut(text) ?? text;
