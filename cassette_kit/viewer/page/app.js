const page = JSON.parse(byId("data").textContent);

const NAV_ROW = 58;

const VIEWS = {
  messages: ["Conversation", conversationView],
  events: ["Stream", streamView],
  request: ["Request", (interaction) => messageBodyView(interaction, "request")],
  response: ["Response", (interaction) => messageBodyView(interaction, "response")],
  yaml: ["YAML", yamlView],
  code: ["Code", codeView],
};

/** Where one is: `#3`, `#3/events/17`; of two recordings `#3` is a pair and `#a/3` one side of it. */
const route = () => {
  const parts = location.hash.slice(1).split("/");
  const side = page.pairs ? SIDES_OF_A_PAIR.indexOf(parts[0]) : 0;
  if (page.pairs && side >= 0) parts.shift();
  const [number, view, item] = parts;
  const length = side < 0 ? page.pairs.length : page.sides[side].interactions.length;
  return {
    side,
    number: Math.min(asPlace(number) ?? 0, length - 1),
    view: Object.hasOwn(VIEWS, view) ? view : "messages",
    item: asPlace(item),
  };
};

const asPlace = (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null);

const href = ({ side, number, view, item }) => {
  const isPlain = view === undefined || (view === "messages" && (item ?? null) === null);
  return `#${[side < 0 ? "" : sidePrefix(side)].join("")}${[number, isPlain ? null : view, item ?? null].filter((part) => part !== null).join("/")}`;
};

const go = (where) => {
  location.hash = href(where);
};

/** The list of interactions, or of pairs. */
class Navigation {
  constructor(box) {
    this.rows = new Rows(NAV_ROW, (place) => this.row(place), { class: "rows nav-rows" }, { role: "list" });
    box.append(this.rows.box);
    this.length = (page.pairs ?? page.sides[0].interactions).length;
    this.rows.fill(this.length);
  }

  row(place) {
    const [interaction, said] = page.pairs ? this.pair(place) : this.single(place);
    const isBad = interaction.code >= 400 || interaction.answered.error;
    return el(
      "div",
      { role: "listitem", "aria-setsize": this.length, "aria-posinset": place + 1 },
      el(
        "a",
        { href: `#${place}` },
        el("span", { class: "line" }, el("b", {}, `#${place}`), el("span", { class: "path" }, `${interaction.method} ${interaction.path}`), el("span", { class: isBad ? "code bad" : "code" }, `${interaction.code}`)),
        el("span", { class: "line small" }, el("span", { class: "model" }, said[0]), ...said.slice(1).filter(Boolean).map((text) => el("span", {}, text))),
      ),
    );
  }

  single(place) {
    const interaction = page.sides[0].interactions[place];
    const { answered, timing, model } = interaction;
    const tokens = [answered.input, answered.output].filter((number) => number !== null).map(count).join(" → ");
    return [interaction, [model || interaction.host, span(timing.total_ms ?? timing.headers_ms), tokens && `${tokens} tokens`]];
  }

  pair(place) {
    const [left, right] = bothOf(page.pairs[place]);
    return [left ?? right, [(left ?? right).model, verdict(page.pairs[place])]];
  }
}

const headline = (interaction, name) =>
  el(
    "header",
    { class: "headline" },
    el("h2", { tabindex: "-1" }, `${name} `, el("span", { class: "method" }, interaction.method), " ", el("span", { class: "path" }, interaction.path)),
    facts([
      ["Status", el("span", { class: interaction.code >= 400 ? "code bad" : "code" }, `${interaction.code} ${interaction.reason}`)],
      ["Host", interaction.host],
      ["Model", interaction.model],
      ["API", interaction.dialect],
      ["Headers after", span(interaction.timing.headers_ms)],
      ["First token", known(interaction.timing.first_token_ms, span)],
      ["All", known(interaction.timing.total_ms, span)],
      ["Tokens", tokensText(interaction.answered)],
      ["Cost", interaction.answered.cost],
    ]),
  );

const tokensText = ({ input, output, cached, reasoning }) =>
  [known(input, (n) => `${count(n)} in`), known(cached, (n) => `${count(n)} cached`), known(output, (n) => `${count(n)} out`), known(reasoning, (n) => `${count(n)} reasoning`)].filter(Boolean).join(", ");

const tabs = (at, interaction) =>
  el(
    "nav",
    { class: "tabs", "aria-label": "Views" },
    Object.entries(VIEWS).map(([view, [label]]) => el("a", { href: href({ ...at, view, item: null }), "data-view": view }, label, view === "events" && interaction.events.length > 0 && el("small", {}, ` ${count(interaction.events.length)}`))),
  );

/** What the main part shows; it changes only as far as the address does. */
class Shown {
  constructor(main, search) {
    this.main = main;
    this.search = search;
  }

  show(at) {
    const isOther = at.side !== this.at?.side || at.number !== this.at?.number;
    const isOtherView = isOther || at.view !== this.at?.view;
    this.at = at;
    if (isOther) this.open(at);
    if (isOtherView && at.side >= 0) this.turn(at);
    if (at.item !== null || !isOtherView) this.view?.select?.(at.item);
    else if (isOtherView && at.view === "events") this.view?.select?.(null);
    this.search.light();
    return isOther;
  }

  open(at) {
    this.view = null;
    if (at.number < 0) return this.main.replaceChildren(el("p", { class: "note" }, "This cassette holds no interactions."));
    if (at.side < 0) return this.openPair(at);
    const interaction = page.sides[at.side].interactions[at.number];
    const name = page.pairs ? `${SIDES_OF_A_PAIR[at.side].toUpperCase()} #${at.number}` : `#${at.number}`;
    this.box = el("div", { class: "view" });
    this.tabs = tabs(at, interaction);
    this.main.replaceChildren(...(page.pairs ? [backLink(at)] : []), headline(interaction, name), this.tabs, this.box);
  }

  openPair(at) {
    const pair = page.pairs[at.number];
    const [left, right] = bothOf(pair);
    const links = pair.map((place, side) => place !== null && el("a", { href: `#${sidePrefix(side)}${place}` }, `${SIDES_OF_A_PAIR[side].toUpperCase()} #${place} alone`));
    const { method, path } = left ?? right;
    this.main.replaceChildren(
      el("header", { class: "headline" }, el("h2", { tabindex: "-1" }, `#${at.number} `, el("span", { class: "method" }, method), " ", el("span", { class: "path" }, path)), el("p", { class: "note links" }, el("b", {}, verdict(pair)), ...links)),
      pairView(pair),
    );
  }

  turn(at) {
    const interaction = page.sides[at.side].interactions[at.number];
    this.view = VIEWS[at.view][1](interaction, at);
    this.box.replaceChildren(this.view.node);
    this.view.ready?.();
    for (const tab of this.tabs.children) {
      if (tab.dataset.view === at.view) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
  }
}

const backLink = (at) => {
  const pair = page.pairs.findIndex((pair) => pair[at.side] === at.number);
  return el("p", { class: "note" }, el("a", { href: `#${pair}` }, "Back to both recordings"));
};

const THEMES = ["auto", "light", "dark"];

const setTheme = (theme) => {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `Theme: ${theme}`;
  remember("theme", theme);
};

const nextTheme = () => setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]);

/** A page from a file may have no storage; then nothing is remembered. */
const remember = (name, value) => {
  try {
    localStorage.setItem(`cassette-kit ${name}`, value);
  } catch {
    return;
  }
};

const remembered = (name) => {
  try {
    return localStorage.getItem(`cassette-kit ${name}`);
  } catch {
    return null;
  }
};

const start = () => {
  const search = new Search(byId("search"), byId("hits"));
  const navigation = new Navigation(byId("interactions"));
  const shown = new Shown(byId("main"), search);
  const follow = () => {
    const at = route();
    const isOther = shown.show(at);
    const row = at.side < 0 || !page.pairs ? at.number : page.pairs.findIndex((pair) => pair[at.side] === at.number);
    navigation.rows.select(row < 0 ? null : row);
    document.body.classList.remove("nav-open");
    byId("menu").setAttribute("aria-expanded", "false");
    return isOther;
  };
  addEventListener("hashchange", () => {
    if (!follow()) return;
    scrollTo({ top: 0 });
    if (!byId("interactions").contains(document.activeElement)) byId("main").querySelector("h2")?.focus({ preventScroll: true });
  });
  setTheme(THEMES.includes(remembered("theme")) ? remembered("theme") : "auto");
  byId("theme").addEventListener("click", nextTheme);
  byId("menu").addEventListener("click", () => byId("menu").setAttribute("aria-expanded", document.body.classList.toggle("nav-open")));
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  listenToKeys(shown, navigation, search);
  follow();
};

const listenToKeys = (shown, navigation, search) => {
  const step = (by) => {
    const at = route();
    const number = shown.at.side < 0 || !page.pairs ? at.number : navigation.rows.current;
    const next = Math.max(0, Math.min(navigation.length - 1, number + by));
    if (next !== number) go({ side: page.pairs ? -1 : 0, number: next, view: page.pairs ? undefined : at.view });
  };
  const stepEvent = (by) => {
    const at = route();
    if (at.view === "events") go({ ...at, item: at.item === null ? 0 : Math.max(0, Math.min(at.item + by, eventsAt(at) - 1)) });
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    "]": () => stepEvent(1),
    "[": () => stepEvent(-1),
    p: () => shown.view?.play?.(),
    t: nextTheme,
    "/": () => byId("search").focus(),
    "?": () => byId("help").showModal(),
  };
  Object.keys(VIEWS).forEach((view, at) => {
    keys[at + 1] = () => shown.at.side >= 0 && go({ ...shown.at, view, item: null });
  });
  byId("keys").checked = remembered("keys") !== "off";
  byId("keys").addEventListener("change", (event) => remember("keys", event.target.checked ? "on" : "off"));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && byId("search").value) return search.close();
    if (isChord(event) || isTyping(event.target) || byId("help").open || !byId("keys").checked || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
};

const eventsAt = ({ side, number }) => page.sides[side].interactions[number].events.length;

const isTyping = (target) => target.matches("input:not([type=range]), select, textarea");

start();
