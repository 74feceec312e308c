const MAX_FOUND = 500;
const AROUND = 60;

/** Every text of an interaction with the place where it is shown. */
function* texts(interaction) {
  yield ["", "address", `${interaction.method} ${interaction.url}`];
  yield ["", "model", interaction.model];
  const messages = [...interaction.messages, ...interaction.answers];
  for (const [at, place] of messages.entries()) {
    for (const text of partTexts(page.messages[place].parts))
      yield [`messages/${at}`, `message ${at}`, text];
  }
  for (const [name, value] of interaction.asked.settings)
    yield ["", "settings", `${name}: ${value}`];
  if (interaction.answered.error) yield ["", "error", interaction.answered.error];
  for (const side of ["request", "response"]) {
    for (const header of interaction[side].headers)
      yield [side, `${side} header`, header.join(": ")];
    yield [side, `${side} body`, interaction[side].body.text ?? ""];
  }
  for (const [at, event] of interaction.events.entries())
    yield [`events/${at}`, `event ${at}`, event[1]];
}

function* partTexts(parts) {
  for (const part of parts) {
    if (part.parts) yield* partTexts(part.parts);
    for (const text of [part.name, part.text, part.url, part.id]) if (text) yield text;
  }
}

/** Where a text stands, whatever its case: the first place in each text. */
const found = (wanted) => {
  const pattern = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "iu");
  const hits = [];
  for (const [side, { interactions }] of page.sides.entries()) {
    for (const [number, interaction] of interactions.entries()) {
      for (const [place, where, text] of texts(interaction)) {
        const at = text.search(pattern);
        if (at >= 0)
          hits.push({
            route: [sidePrefix(side) + number, place].filter(Boolean).join("/"),
            where,
            text,
            at,
            number,
            side,
          });
        if (hits.length === MAX_FOUND) return hits;
      }
    }
  }
  return hits;
};

const sidePrefix = (side) => (page.pairs ? `${SIDES[side].toLowerCase()}/` : "");

/** The search box and what it finds. */
class Search {
  constructor(field, panel) {
    this.field = field;
    this.hits = [];
    this.said = el("p", { class: "note" });
    this.rows = new Rows(
      48,
      (place) => this.row(place),
      { class: "rows hit-rows" },
      { role: "list" },
    );
    this.panel = panel;
    panel.append(this.said, this.rows.box);
    field.addEventListener("input", () => this.later());
    field.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.look();
      this.rows.room.querySelector("a")?.focus();
    });
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), 150);
  }

  look() {
    clearTimeout(this.timer);
    const wanted = this.field.value;
    this.panel.hidden = !wanted;
    this.hits = wanted ? found(wanted) : [];
    const more = this.hits.length === MAX_FOUND ? ", and more" : "";
    this.said.textContent = `${counted(this.hits.length, "place")}${more}`;
    if (wanted) announce(this.said.textContent);
    this.rows.box.style.height = `${Math.min(this.hits.length, 8) * 48}px`;
    this.rows.active = 0;
    this.rows.fill(this.hits.length);
    this.light();
  }

  row(place) {
    const { route, where, text, at, number, side } = this.hits[place];
    const start = Math.max(0, at - AROUND);
    const end = at + this.field.value.length;
    const name = page.pairs ? `${SIDES[side]} #${number}` : `#${number}`;
    const context = [
      text.slice(start, at),
      el("mark", {}, text.slice(at, end)),
      text.slice(end, end + 2 * AROUND),
    ];
    return el(
      "div",
      { role: "listitem", class: "hit" },
      el(
        "a",
        { href: `#${route}`, click: () => this.leave() },
        el("b", {}, `${name} ${where}`),
        el("span", { dir: "auto" }, context),
      ),
    );
  }

  leave() {
    this.panel.hidden = true;
  }

  close() {
    this.field.value = "";
    this.look();
  }

  /** Colour what was looked for in the page as it stands, without touching its nodes. */
  light() {
    if (!window.CSS?.highlights) return;
    const ranges = this.field.value ? rangesOf(byId("main"), this.field.value.toLowerCase()) : [];
    CSS.highlights.set("found", new Highlight(...ranges));
  }
}

const MAX_LIT = 1000;

const rangesOf = (root, wanted) => {
  const ranges = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && ranges.length < MAX_LIT) {
    const node = walker.currentNode;
    const text = node.data.toLowerCase();
    if (text.length !== node.length) continue; // a letter whose lower case is longer: places would be off
    for (
      let at = text.indexOf(wanted);
      at >= 0 && ranges.length < MAX_LIT;
      at = text.indexOf(wanted, at + wanted.length)
    ) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      ranges.push(range);
    }
  }
  return ranges;
};
