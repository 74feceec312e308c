const ROLES = { system: "System", user: "User", assistant: "Assistant", tool: "Tool" };

/** A message; `mark` may make other nodes of a part's text, as a comparison does. */
const messageView = (message, { label, id, tags = [], fresh = false, mark = null } = {}) =>
  el(
    "article",
    { class: `message ${message.role}${fresh ? " fresh" : ""}`, id, "aria-label": label },
    el("header", {}, el("h4", {}, speaker(message)), tags),
    el(
      "div",
      { class: "parts" },
      longList((at) => partView(message.parts[at], mark, at), message.parts.length, 50, "parts"),
    ),
  );

const speaker = ({ role, called }) => [ROLES[role] ?? role, called && ` (${clipped(called)})`];

const partView = (part, mark, at) =>
  PARTS[part.kind](part, mark && ((text, textOf) => mark(text, at, textOf)));

const PARTS = {
  text: (part, mark) => textView(part.text, mark),
  thinking: (part, mark) => {
    const compared = mark && textView(part.text, mark);
    const label = `Thinking, ${counted(part.text.length, "character")}`;
    const box = fold(label, () => compared ?? textView(part.text), { class: "thinking" });
    if (compared?.querySelector("mark")) box.reveal();
    return box;
  },
  call: (part, mark) =>
    el(
      "section",
      { class: "call", "aria-label": `Call of ${visible(clipped(part.name))}` },
      el(
        "h5",
        {},
        el("span", { class: "kind" }, "call"),
        el("code", {}, part.name),
        partId(part.id),
      ),
      argumentsView(part.text, mark),
    ),
  result: (part, mark) =>
    el(
      "section",
      { class: part.error ? "result error" : "result", "aria-label": "Tool result" },
      el(
        "h5",
        {},
        el("span", { class: "kind" }, part.error ? "failed" : "result"),
        partId(part.id),
      ),
      part.parts.map((inner, at) => partView(inner, mark && ((text) => mark(text)), at)),
    ),
  media: (part) => mediaView(part),
  unknown: (part, mark) => codeText(readable(part.text), mark),
};

const partId = (id) => id && el("small", { class: "id" }, id);

/** JSON in lines, as tools give it back; else prose. */
const textView = (text, mark) => {
  const json = laidOut(text);
  return json === null
    ? (marked(text, mark) ?? longText(text, { class: "prose" }, "div"))
    : codeText(json, mark);
};

const codeText = (text, mark) => {
  const nodes = marked(text, mark, "code");
  return nodes ?? longText(text, { class: "code", dir: "ltr" });
};

/** Comparisons mark words; beyond what they look at, the text is shown without marks. */
const marked = (text, mark, kind = "prose") =>
  mark && el("div", { class: kind, dir: kind === "code" ? "ltr" : "auto" }, mark(text));

/** The arguments of a call: a table of an object's fields, or whatever was sent. */
const argumentsView = (text, mark) => {
  const fields = plainFields(text);
  if (!fields) return codeText(readable(text), mark);
  const marks = (name) => mark && ((text) => mark(text, (other) => textOfField(other.text, name)));
  return table(
    "fields",
    fields.map(([name, value]) => [name, fieldView(value, marks(name))]),
  );
};

const MAX_FIELDS = 30;
const MAX_FIELD_TEXT = 100_000;

/** The fields of a JSON object without numbers that a double would change; null for anything else. */
const plainFields = (text) => {
  if (text.length > MAX_FIELD_TEXT || /\d{16}|\d[eE]/.test(text) || !isJson(text)) return null;
  const value = JSON.parse(text);
  if (Array.isArray(value)) return null;
  const fields = Object.entries(value);
  return fields.length && fields.length <= MAX_FIELDS ? fields : null;
};

const fieldText = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** A field of other arguments; "" where they have no such one. */
const textOfField = (text, name) => {
  const field = plainFields(text)?.find(([other]) => other === name);
  return field ? fieldText(field[1]) : "";
};

const fieldView = (value, mark) => {
  const text = fieldText(value);
  if (typeof value !== "string")
    return mark ? el("code", {}, mark(text)) : longText(text, {}, "code");
  return marked(text, mark) ?? longText(text, { class: "prose" }, "div");
};

const mediaView = (part) => {
  const said = [part.type || "media", part.bytes ? bytes(part.bytes) : "", part.url]
    .filter(Boolean)
    .join(", ");
  if (!part.image) return el("p", { class: "media" }, el("span", { class: "kind" }, "file"), said);
  const picture = el("img", {
    src: part.image,
    alt: `Image, ${visible(clipped(said))}`,
    loading: "lazy",
  });
  const frame = el(
    "figure",
    { class: "media" },
    el(
      "button",
      {
        type: "button",
        "aria-expanded": "false",
        "aria-label": `Show the image larger: ${visible(clipped(said))}`,
        click: (event) => enlarge(event.currentTarget),
      },
      picture,
    ),
    el("figcaption", {}, said),
  );
  return frame;
};

const enlarge = (toggle) => toggle.setAttribute("aria-expanded", toggle.classList.toggle("large"));
