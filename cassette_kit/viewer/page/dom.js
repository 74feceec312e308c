"use strict";

/** What a reader cannot see, or what turns the direction of writing: the kit shows it as escapes. */
const INVISIBLE =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

const visible = (text) =>
  String(text).replace(INVISIBLE, (found) =>
    Array.from({ length: found.length }, (_, at) => escapeUnit(found.charCodeAt(at))).join(""),
  );

const escapeUnit = (unit) => `\\u${unit.toString(16).padStart(4, "0")}`;

/** An element. Children are nodes, or short text that becomes one; null and false are left out. */
const el = (tag, attributes, ...children) =>
  filled(document.createElement(tag), attributes, children);

const svg = (tag, attributes, ...children) =>
  filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const filled = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== false)
      element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter(isShown).map(asNode));
  return element;
};

const isShown = (child) => child !== null && child !== undefined && child !== false && child !== "";
const asNode = (child) => (child instanceof Node ? child : textNode(clipped(String(child))));
const textNode = (text) => document.createTextNode(visible(text));

const MAX_LABEL = 2000;

/** Names, addresses and the like: nobody reads on where they are longer. */
const clipped = (text) => (text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL)}…` : text);

/** A table whose rows begin with their name. */
const table = (kind, rows, heads = []) =>
  el(
    "table",
    { class: kind },
    heads.length > 0 && el("thead", {}, el("tr", {}, heads.map(headCell))),
    el("tbody", {}, rows.map(namedRow)),
  );

const headCell = (head) => (head ? el("th", { scope: "col" }, head) : el("td", {}));

const namedRow = ([name, ...cells]) =>
  el(
    "tr",
    {},
    el("th", { scope: "row" }, name),
    cells.map((cell) => el("td", {}, cell)),
  );

const note = (...children) => el("p", { class: "note" }, ...children);

const byId = (id) => document.getElementById(id);

/** A button that does one thing. */
const button = (label, act, attributes = {}) =>
  el("button", { type: "button", click: act, ...attributes }, label);

/** Tell those who cannot see the page what has happened. */
const announce = (text) => {
  byId("status").textContent = text;
};

const copyButton = (label, text) =>
  button(label, async () =>
    announce((await copied(text())) ? "Copied" : "The browser did not copy"),
  );

/** A page of its own has no right to the clipboard in some browsers: then a selection is copied. */
const copied = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = el("textarea", { class: "off-screen", "aria-hidden": "true" });
    document.body.append(field);
    field.value = text;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
};

const SHOWN_AT_ONCE = 40_000;
const SHOWN_MORE = 400_000;

/** Text in an element of its own; of a long one the beginning, and more when asked for. */
const longText = (text, attributes = {}, tag = "pre") => {
  const body = el(tag, { dir: "auto", ...attributes });
  const more = button("", () => grow(SHOWN_MORE), { class: "more" });
  let shown = 0;
  const grow = (by) => {
    const end = Math.min(text.length, shown + by);
    body.append(textNode(text.slice(shown, end)));
    shown = end;
    more.textContent = `Show more: ${count(text.length - shown)} of ${count(text.length)} characters are left`;
    if (shown === text.length) more.remove();
  };
  const box = text.length > SHOWN_AT_ONCE ? el("div", { class: "long" }, body, more) : body;
  box.showTo = (wanted) => {
    const end = text.toLowerCase().indexOf(wanted.toLowerCase()) + wanted.length;
    if (end >= wanted.length && end > shown) {
      grow(end + AROUND - shown);
      body.normalize();
    }
  };
  grow(SHOWN_AT_ONCE);
  return box;
};

/** The first of many nodes, and a button that makes more; `reveal` makes all up to one. */
const longList = (make, length, step, noun) => {
  const box = el("div", { class: "list" });
  const more = button("", () => grow(), { class: "more" });
  let shown = 0;
  const grow = () => {
    const end = Math.min(length, shown + step);
    while (shown < end) box.append(make(shown++));
    more.textContent = `Show more: ${count(length - shown)} ${noun} are left`;
    if (shown < length) box.append(more);
    else more.remove();
  };
  box.reveal = (place) => {
    while (shown <= place && shown < length) grow();
  };
  grow();
  return box;
};

/** A fold whose inside is made when it is opened first; `reveal` opens it. */
const fold = (summary, make, attributes = {}) => {
  let inside = null;
  const fill = () => {
    if (!inside) box.append((inside = make()));
  };
  const box = el(
    "details",
    { ...attributes, toggle: fill },
    el("summary", { click: fill }, summary),
  );
  box.reveal = (place) => {
    box.open = true;
    fill();
    if (place !== undefined) inside.reveal?.(place);
  };
  return box;
};
