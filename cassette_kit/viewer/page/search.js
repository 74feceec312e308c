const MAX_FOUND = 500;
const AROUND = 60;

/** Where in the page a view shows what is found in it; all else stands in the headline. */
const SHOWN_IN = { settings: ".settings", error: ".answer", header: ".wire", body: ".wire" };

const shownIn = ({ place, where }) => {
  const [view, item] = place.split("/");
  if (view === "messages") return `#message-${item}`;
  if (view === "events") return ".detail";
  return SHOWN_IN[where.split(" ").at(-1)] ?? ".headline";
};

/** Every text of an interaction with the place where it is shown. */
function* texts(interaction) {
  yield ["", "address", `${interaction.method} ${interaction.url}`];
  yield ["", "status", statusText(interaction)];
  yield ["", "API", interaction.dialect];
  yield ["", "model", interaction.model];
  const messages = [...interaction.messages, ...interaction.answers];
  for (const [at, place] of messages.entries()) {
    const { called, parts } = page.messages[place];
    for (const text of [called, ...partTexts(parts)])
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
            place,
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
        { href: `#${route}`, click: (event) => this.leave(event, this.hits[place]) },
        el("b", {}, `${name} ${where}`),
        el("span", { dir: "auto" }, context),
      ),
    );
  }

  /** To a hit: `arrive` is called when the address has changed, and here if it is that already. */
  leave(event, hit) {
    this.panel.hidden = true;
    this.chosen = hit;
    if (event.currentTarget.hash === location.hash) this.arrive();
  }

  /** Bring what was chosen into sight, and mark it. */
  arrive() {
    const hit = this.chosen;
    this.chosen = null;
    const box = hit && byId("main").querySelector(shownIn(hit));
    const range = box && rangeOf(box, hit, this.field.value.length);
    if (window.CSS?.highlights) CSS.highlights.delete("chosen");
    if (!range) return;
    this.light();
    window.CSS?.highlights?.set("chosen", new Highlight(range));
    centre(byId("main"), range);
  }

  close() {
    this.field.value = "";
    this.look();
  }

  /** Colour what was looked for in the page as it stands, without touching its nodes. */
  light() {
    if (!window.CSS?.highlights) return;
    const ranges = this.field.value ? rangesOf(byId("main"), this.field.value, MAX_LIT) : [];
    CSS.highlights.set("found", new Highlight(...ranges));
    if (!this.field.value) CSS.highlights.delete("chosen");
  }
}

const MAX_LIT = 1000;

/** Every place in a part of the page where a text stands, whatever its case, up to so many. */
const rangesOf = (root, text, most) => {
  const wanted = text.toLowerCase();
  const ranges = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && ranges.length < most) {
    const node = walker.currentNode;
    const lower = node.data.toLowerCase();
    if (lower.length !== node.length) continue; // a letter whose lower case is longer: places would be off
    for (
      let at = lower.indexOf(wanted);
      at >= 0 && ranges.length < most;
      at = lower.indexOf(wanted, at + wanted.length)
    ) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      ranges.push(range);
    }
  }
  return ranges;
};

/**
 * Where a hit stands in the box that shows it: with what stands around it, else the first of its
 * kind, as it is, in what a long text has not shown yet, or in a fold.
 */
const rangeOf = (box, { text, at }, length) => {
  const start = Math.max(0, at - AROUND);
  const around = [start, Math.min(text.length, at + length + AROUND)];
  const looks = [
    [text.slice(...around), at - start],
    [text.slice(at, at + length), 0],
  ];
  for (const open of [() => {}, unfold]) {
    open(box);
    for (const [wanted, skip] of looks) {
      for (const long of box.querySelectorAll(".long")) long.showTo(wanted);
      const [range] = rangesOf(box, wanted, 1);
      if (range) return part(range, skip, length);
    }
  }
  return null;
};

const unfold = (box) => {
  for (const list of box.querySelectorAll(".list")) list.reveal(MAX_LIT);
  for (const details of box.querySelectorAll("details")) details.reveal();
};

/** So much of a range within one text. */
const part = (range, skip, length) => {
  const from = range.startOffset + skip;
  const whole = range.startContainer;
  const piece = new Range();
  piece.setStart(whole, from);
  piece.setEnd(whole, from + length);
  return piece;
};

const centre = (main, range) => {
  const { top, height } = range.getBoundingClientRect();
  const { top: edge } = main.getBoundingClientRect();
  main.scrollTop += top - edge - (main.clientHeight - height) / 2;
};
