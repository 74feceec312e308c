/** The text of a body; that of a stream stands in its events. */
const bodyText = (interaction, side) => {
  const { body } = interaction[side];
  if (body.text !== undefined) return body.text;
  return body.base64 === undefined ? interaction.events.map((event) => event[1]).join("") : null;
};

/** Headers and body of a request or of a response, as they were. */
const messageBodyView = (interaction, side) => {
  const { headers, body } = interaction[side];
  return {
    node: el(
      "div",
      { class: "wire" },
      el("h3", {}, "Headers"),
      headers.length
        ? table(
            "fields",
            headers.map(([name, value]) => [name, longText(value, {}, "div")]),
          )
        : note("None were recorded."),
      el("h3", {}, `Body, ${bytes(body.size)}`),
      body.size ? bodyView(interaction, side) : note("It is empty."),
    ),
  };
};

const bodyView = (interaction, side) => {
  const text = bodyText(interaction, side);
  if (text === null) return hexView(interaction[side].body.base64);
  const lines = laidOut(text);
  const body = el("div", {}, longText(lines ?? text, { class: "code", dir: "ltr" }));
  const raw =
    lines !== null &&
    button("As sent", (event) => flip(event.currentTarget), { "aria-pressed": "false" });
  const flip = (toggle) => {
    const isRaw = toggle.getAttribute("aria-pressed") === "false";
    toggle.setAttribute("aria-pressed", isRaw);
    body.replaceChildren(longText(isRaw ? text : lines, { class: "code", dir: "ltr" }));
  };
  return el(
    "div",
    {},
    el(
      "div",
      { class: "bar" },
      raw,
      copyButton("Copy the body", () => text),
    ),
    body,
  );
};

const HEX_BYTES = 4096;

/** The first bytes of what is no text. */
const hexView = (base64) => {
  const start = atob(base64.slice(0, Math.ceil(HEX_BYTES / 3) * 4));
  const lines = [];
  for (let at = 0; at < start.length; at += 16) lines.push(hexLine(start.slice(at, at + 16), at));
  return el(
    "div",
    {},
    note(`Not text: the first ${bytes(start.length)}.`),
    longText(lines.join("\n"), { class: "code", dir: "ltr" }),
  );
};

const hexLine = (part, at) => {
  const codes = Array.from(part, (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0"));
  return `${at.toString(16).padStart(6, "0")}  ${codes.join(" ").padEnd(47)}  ${part.replace(/[^ -~]/g, ".")}`;
};

/** The interaction as a cassette of its own. */
const yamlView = (interaction) => {
  if (!interaction.yaml)
    return {
      node: note("This interaction cannot stand in a file of its own."),
    };
  return {
    node: el(
      "div",
      {},
      el(
        "div",
        { class: "bar" },
        copyButton("Copy the cassette", () => interaction.yaml),
      ),
      longText(interaction.yaml, { class: "code", dir: "ltr" }),
    ),
  };
};
