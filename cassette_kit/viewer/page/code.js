/** The header that takes the key, which no cassette holds, by host; elsewhere a bearer token. */
const KEY_HEADERS = [
  [/(^|\.)anthropic\.com$/, ["x-api-key", ""]],
  [/(^|\.)generativelanguage\.googleapis\.com$/, ["x-goog-api-key", ""]],
  [/\.azure\.com$/, ["api-key", ""]],
];
const BEARER = ["Authorization", "Bearer "];
const OWN_HEADERS = new Set(["host", "content-length", "transfer-encoding", "connection"]);
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
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

const sentHeaders = (interaction) =>
  interaction.request.headers.filter(
    ([name]) =>
      HEADER_NAME.test(name) &&
      !OWN_HEADERS.has(name.toLowerCase()) &&
      name.toLowerCase() !== keyHeader(interaction)[0].toLowerCase(),
  );

const keyHeader = ({ host }) => KEY_HEADERS.find(([pattern]) => pattern.test(host))?.[1] ?? BEARER;

const curl = (interaction) => {
  const { body } = interaction.request;
  const [name, scheme] = keyHeader(interaction);
  const isArgument = body.text !== undefined && body.size < MAX_ARGUMENT;
  const lines = [
    `${isArgument ? "" : "base64 -d <<'END' | "}curl --globoff --no-buffer`,
    `-X ${shell(interaction.method)}`,
    `--url ${shell(interaction.url)}`,
    `-H "${name}: ${scheme}$API_KEY"`,
    ...sentHeaders(interaction).map((header) => `-H ${shell(header.join(": "))}`),
    ...(body.size ? [isArgument ? `--data-raw ${shell(body.text)}` : "--data-binary @-"] : []),
  ];
  return lines.join(" \\\n  ") + (isArgument ? "\n" : `\n${inLines(base64Of(body))}\nEND\n`);
};

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

const spelt = (letter) => {
  const code = letter.codePointAt(0);
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
};

const python = (interaction) => {
  const { body } = interaction.request;
  const [name, scheme] = keyHeader(interaction);
  const headers = sentHeaders(interaction).map(
    (header) => `    (${header.map(quoted).join(", ")}),`,
  );
  return [
    ...(body.base64 === undefined ? [] : ["import base64"]),
    "import os",
    "",
    "import httpx",
    "",
    "headers = [",
    `    (${quoted(name)}, ${quoted(scheme)} + os.environ["API_KEY"]),`,
    ...headers,
    "]",
    `content = ${body.base64 === undefined ? `${quoted(body.text)}.encode()` : `base64.b64decode(${quoted(body.base64)})`}`,
    `url = ${quoted(interaction.url)}`,
    `with httpx.stream(${quoted(interaction.method)}, url, headers=headers, content=content, timeout=60) as response:`,
    "    for text in response.iter_text():",
    '        print(text, end="", flush=True)',
    "",
  ].join("\n");
};

/** A Python string: JSON's escapes are its own, but for letters beyond 16 bits. */
const quoted = (text) => JSON.stringify(text).replace(INVISIBLE, spelt);
