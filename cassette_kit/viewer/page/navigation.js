/** Where one is: `#3`, `#3/events/17`; of two recordings `#3` is a pair and `#a/3` one side of it. */
const route = () => {
  const parts = location.hash.slice(1).split("/");
  const side = page.pairs ? SIDES.findIndex((name) => name.toLowerCase() === parts[0]) : 0;
  if (page.pairs && side >= 0) parts.shift();
  const [number, view, item] = parts;
  const length = side < 0 ? page.pairs.length : page.sides[side].interactions.length;
  const at = {
    side,
    number: Math.min(asPlace(number) ?? 0, length - 1),
    view: side >= 0 && Object.hasOwn(VIEWS, view) ? view : "messages",
  };
  const isItem = at.view === view && asPlace(item) < itemsOf(at);
  return { ...at, item: isItem ? asPlace(item) : null };
};

/** How many things of a view have addresses. */
const itemsOf = ({ side, number, view }) => {
  const interaction = page.sides[side]?.interactions[number];
  if (view === "events") return interaction?.events.length ?? 0;
  if (view !== "messages" || !interaction) return 0;
  return interaction.messages.length + interaction.answers.length;
};

/** An address that leads nowhere becomes that of what is shown; what it was, else null. */
const corrected = (at) => {
  const asked = location.hash;
  const meant = href(at);
  if (asked.length < 2 || at.number < 0 || [meant, `${meant}/messages`].includes(asked))
    return null;
  history.replaceState(null, "", meant);
  return asked;
};

const asPlace = (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null);

const href = ({ side, number, view = "messages", item = null }) => {
  const isPlain = view === "messages" && item === null;
  const parts = [number, isPlain ? null : view, item].filter((part) => part !== null);
  return `#${side < 0 ? "" : sidePrefix(side)}${parts.join("/")}`;
};

const go = (where) => {
  location.hash = href(where);
};

const NAV_ROW = 58;
const PAIR_ROW = 79;

/** The list of interactions, or of pairs. */
class Navigation {
  constructor(box) {
    this.rows = new Rows(
      page.pairs ? PAIR_ROW : NAV_ROW,
      (place) => this.row(place),
      { class: page.pairs ? "rows nav-rows of-pairs" : "rows nav-rows" },
      { role: "list" },
    );
    box.append(this.rows.box);
    this.length = (page.pairs ?? page.sides[0].interactions).length;
    this.rows.fill(this.length);
  }

  row(place) {
    const [interaction, ...said] = page.pairs ? this.pair(place) : this.single(place);
    return el(
      "div",
      { role: "listitem", "aria-setsize": this.length, "aria-posinset": place + 1 },
      el(
        "a",
        { href: `#${place}` },
        el(
          "span",
          { class: "line" },
          el("b", {}, `#${place}`),
          el("span", { class: "path" }, `${interaction.method} ${interaction.path}`),
          el("span", { class: codeClass(interaction) }, `${interaction.code}`),
        ),
        said,
      ),
    );
  }

  select(at) {
    this.rows.select(this.rowOf(at));
  }

  /** Where something stands in the list: an interaction of one side at its pair. */
  rowOf({ side, number }) {
    const isPair = side < 0 || !page.pairs;
    const row = isPair ? number : page.pairs.findIndex((pair) => placesOf(pair)[side] === number);
    return row < 0 ? null : row;
  }

  single(place) {
    const interaction = page.sides[0].interactions[place];
    const { answered, timing, model } = interaction;
    const tokens = [answered.input, answered.output]
      .filter((number) => number !== null)
      .map(count)
      .join(" → ");
    return [
      interaction,
      smallLine("", [
        model || interaction.host,
        span(timing.total_ms ?? timing.headers_ms),
        tokens && `${tokens} tokens`,
      ]),
    ];
  }

  pair(place) {
    const [left, right] = bothOf(page.pairs[place]);
    const models = [left, right].filter(Boolean).map(({ model }) => model || "–");
    return [
      left ?? right,
      smallLine("", [verdict(page.pairs[place])]),
      smallLine(" models", [...new Set(models)]),
    ];
  }
}

/** What is known of a few things; the first gives way where there is no room. */
const smallLine = (kind, texts) =>
  el(
    "span",
    { class: `line small${kind}` },
    texts.filter(Boolean).map((text, at) => el("span", { class: at === 0 && "first" }, text)),
  );
