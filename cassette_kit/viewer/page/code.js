/**
 * The header that takes the key, which no cassette holds: by host, at a host that is not known, as
 * that of a gateway, by API; elsewhere a bearer token, which clouds want for every API.
 */
const BEARER = ["Authorization", "Bearer "];
const ANTHROPIC_KEY = ["x-api-key", ""];
const GEMINI_KEY = ["x-goog-api-key", ""];
const KEY_OF_HOST = [
  [/(^|\.)anthropic\.com$/, ANTHROPIC_KEY],
  [/(^|\.)generativelanguage\.googleapis\.com$/, GEMINI_KEY],
  [/\.azure\.com$/, ["api-key", ""]],
  [/\.amazonaws\.com$|(^|[.-])aiplatform\.googleapis\.com$/, BEARER],
];
const KEY_OF_API = new Map([
  ["Anthropic Messages", ANTHROPIC_KEY],
  ["Gemini", GEMINI_KEY],
]);

const keyHeader = ({ host, dialect }) =>
  KEY_OF_HOST.find(([pattern]) => pattern.test(host))?.[1] ?? KEY_OF_API.get(dialect) ?? BEARER;
const OWN_HEADERS = new Set(["host", "content-length", "transfer-encoding", "connection"]);
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FORM = "application/x-www-form-urlencoded";
const PLAIN_WORDS = /^[\w :/.,;=?&@#%+-]*$/;
const MAX_ARGUMENT = 100_000;

/** The request as commands to paste: whatever it holds, a shell takes it as data. */
const codeView = (interaction) => {
  if (!/^https?:\/\//i.test(interaction.url) || !HEADER_NAME.test(interaction.method)) {
    return {
      node: note("There is no command for this request: its URL is not one of HTTP."),
    };
  }
  return {
    node: el(
      "div",
      {},
      note(
        "Cassettes hold no keys: set API_KEY in the environment, and look where the request goes before you run it.",
      ),
      codeBlock("curl", "Copy as curl", curl(interaction)),
      codeBlock("Python, httpx", "Copy as Python", python(interaction)),
    ),
  };
};

const codeBlock = (title, label, code) =>
  el(
    "section",
    {},
    el(
      "div",
      { class: "bar" },
      el("h3", {}, title),
      copyButton(label, () => code),
    ),
    longText(code, { class: "code", dir: "ltr" }),
  );

/**
 * Texts with the key in them are lists: of the pieces before, between and behind it. The kit wrote
 * `REDACTED` where it stood.
 */
const KEY_IN_URL = /(?<=^\w+:\/\/)REDACTED(?=@)|(?<=[?&#][^=?&#]+=)REDACTED(?=[&#]|$)/;
const KEY_IN_FORM = /(?<=(?:^|&)[^=&]+=)REDACTED(?=&|$)/;

/** What is sent, with the key where it was; where none was seen, in the header made for it. */
const keyed = (interaction) => {
  const { request, url } = interaction;
  const headers = request.headers
    .filter(([name]) => HEADER_NAME.test(name) && !OWN_HEADERS.has(name.toLowerCase()))
    .map(([name, value]) => [name, headerPieces(name, value)]);
  const isForm = valueOf(headers, "content-type")?.startsWith(FORM);
  const { text } = request.body;
  const sent = {
    url: url.split(KEY_IN_URL),
    headers,
    text: isForm ? text?.split(KEY_IN_FORM) : text === undefined ? text : [text],
  };
  const texts = [sent.url, sent.text ?? [], ...headers.map(([, pieces]) => pieces)];
  if (texts.some((pieces) => pieces.length > 1)) return sent;
  const [name, scheme] = keyHeader(interaction);
  const others = headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return { ...sent, headers: [[name, [scheme, ""]], ...others] };
};

/** A credential is redacted with its scheme: that of nearly all is Bearer. */
const headerPieces = (name, value) =>
  name.toLowerCase() === "authorization" && value === "REDACTED"
    ? [BEARER[1], ""]
    : value.split("REDACTED");

const valueOf = (headers, wanted) =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1].join("");

const curl = (interaction) => {
  const { body } = interaction.request;
  const { url, headers, text } = keyed(interaction);
  const isArgument = text !== undefined && body.size < MAX_ARGUMENT;
  const isBare = body.size > 0 && valueOf(headers, "content-type") === undefined;
  const lines = [
    `${isArgument ? "" : "base64 -d <<'END' | "}curl --globoff --no-buffer`,
    interaction.method === "HEAD" && !body.size ? "--head" : `-X ${shell(interaction.method)}`,
    `--url ${shellWithKey(url)}`,
    ...headers.map(([name, pieces]) => `-H ${shellWithKey(headerLine(name, pieces))}`),
    ...(isBare ? ["-H 'Content-Type:'"] : []),
    ...(body.size ? [isArgument ? `--data-raw ${shellWithKey(text)}` : "--data-binary @-"] : []),
  ];
  return lines.join(" \\\n  ") + (isArgument ? "\n" : `\n${inLines(base64Of(body))}\nEND\n`);
};

/** To curl `Name:` says to send none, and `Name;` to send it empty. */
const headerLine = (name, [first, ...rest]) =>
  first || rest.length ? [`${name}: ${first}`, ...rest] : [`${name};`];

/** Base64 in lines; none of them can be the END of a text that a shell reads. */
const inLines = (base64) => base64.replace(/.{76}/g, "$&\n").trimEnd();

const base64Of = (body) => {
  if (body.base64 !== undefined) return body.base64;
  const letters = Array.from(new TextEncoder().encode(body.text), (byte) =>
    String.fromCharCode(byte),
  );
  return btoa(letters.join(""));
};

/** One word for bash; what cannot be seen is spelt out, so that pasting it does nothing else. */
const shell = (text) => {
  const isPlain = text.replaceAll("\n", "").search(INVISIBLE) < 0 && !text.includes("\t");
  if (isPlain) return `'${text.replaceAll("'", "'\\''")}'`;
  const inside = text.replace(
    /[\\'!\t\n]/g,
    (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `$'${inside.replace(INVISIBLE, spelt)}'`;
};

/** Words without a sign that the shell obeys stand in one pair of quotes with the key. */
const shellWithKey = (pieces) => {
  if (pieces.length === 1) return shell(pieces[0]);
  if (pieces.every((piece) => PLAIN_WORDS.test(piece)))
    return `"${pieces.reduce((before, piece) => before + variable(piece) + piece)}"`;
  return pieces.map((piece) => piece && shell(piece)).join('"$API_KEY"');
};

const variable = (next) => (/^\w/.test(next) ? "${API_KEY}" : "$API_KEY");

const spelt = (letter) => {
  const code = letter.codePointAt(0);
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
};

const python = (interaction) => {
  const { body } = interaction.request;
  const { url, headers, text } = keyed(interaction);
  const content =
    text === undefined
      ? `base64.b64decode(${quoted(body.base64)})`
      : `${quotedWithKey(text, true)}.encode()`;
  return [
    ...(text === undefined ? ["import base64"] : []),
    "import os",
    "",
    "import httpx",
    "",
    "headers = [",
    ...headers.map(([name, pieces]) => `    (${quoted(name)}, ${quotedWithKey(pieces)}),`),
    "]",
    `content = ${content}`,
    `url = ${quotedWithKey(url)}`,
    `with httpx.stream(${quoted(interaction.method)}, url, headers=headers, content=content, timeout=60) as response:`,
    "    for text in response.iter_text():",
    '        print(text, end="", flush=True)',
    "",
  ].join("\n");
};

/** The same for Python: a sum, in brackets where something is done with it. */
const quotedWithKey = (pieces, isInside = false) => {
  const terms = pieces.flatMap((piece, at) => [
    ...(at ? ['os.environ["API_KEY"]'] : []),
    ...(piece || pieces.length === 1 ? [quoted(piece)] : []),
  ]);
  return terms.length > 1 && isInside ? `(${terms.join(" + ")})` : terms.join(" + ");
};

/** A Python string: JSON's escapes are its own, but for letters beyond 16 bits. */
const quoted = (text) => JSON.stringify(text).replace(INVISIBLE, spelt);
