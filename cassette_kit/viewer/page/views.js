const VIEWS = {
  messages: ["Conversation", conversationView],
  events: ["Stream", streamView],
  request: ["Request", (interaction) => messageBodyView(interaction, "request")],
  response: ["Response", (interaction) => messageBodyView(interaction, "response")],
  yaml: ["YAML", yamlView],
  code: ["Code", codeView],
};

const headline = (interaction, name) =>
  el(
    "header",
    { class: "headline" },
    heading(name, interaction),
    facts([
      ["Status", el("span", { class: codeClass(interaction) }, statusText(interaction))],
      ["Host", interaction.host],
      ["Model", interaction.model],
      ["API", interaction.dialect],
      ["Headers", span(interaction.timing.headers_ms)],
      ["First token", known(interaction.timing.first_token_ms, span)],
      ["All", known(interaction.timing.total_ms, span)],
      ["Tokens", tokensText(interaction.answered)],
      ["Cost", interaction.answered.cost],
    ]),
  );

/** It takes the focus when one goes to another interaction, so that it is read out. */
const heading = (name, { method, url }) =>
  el("h2", { tabindex: "-1" }, `${name} `, el("span", { class: "method" }, method), " ", url);

const codeClass = ({ code, answered }) => (code >= 400 || answered.error ? "code bad" : "code");

const statusText = ({ code, reason }) => `${code} ${reason}`;

const tokensText = ({ input, output, cached, reasoning }) =>
  [
    known(input, (n) => `${count(n)} in`),
    known(cached, (n) => `${count(n)} cached`),
    known(output, (n) => `${count(n)} out`),
    known(reasoning, (n) => `${count(n)} reasoning`),
  ]
    .filter(Boolean)
    .join(", ");

const tabs = (at, interaction) =>
  el(
    "nav",
    { class: "tabs", "aria-label": "Views" },
    Object.entries(VIEWS).map(([view, [label]]) =>
      el(
        "a",
        { href: href({ ...at, view, item: null }), "data-view": view },
        label,
        view === "events" &&
          interaction.events.length > 0 &&
          el("small", {}, ` ${count(interaction.events.length)}`),
      ),
    ),
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
    this.main.querySelector(".notice")?.remove();
    if (isOther) this.open(at);
    if (isOtherView && this.box) this.turn(at);
    this.view?.select?.(at.item);
    this.search.light();
    return isOther;
  }

  /** Say something about the address, until the next one. */
  notice(text) {
    this.main.prepend(el("p", { class: "notice" }, text));
    this.main.scrollTop = 0;
    announce(text);
  }

  open(at) {
    this.view = null;
    this.box = null;
    if (at.number < 0) this.main.replaceChildren(note("There are no interactions in it."));
    else if (at.side < 0) this.main.replaceChildren(...pairPage(at.number));
    else this.openOne(at);
  }

  openOne(at) {
    const interaction = page.sides[at.side].interactions[at.number];
    const name = page.pairs ? `${SIDES[at.side]} #${at.number}` : `#${at.number}`;
    this.box = el("div", { class: "view" });
    this.tabs = tabs(at, interaction);
    const links = page.pairs ? [backLink(at)] : [];
    this.main.replaceChildren(...links, headline(interaction, name), this.tabs, this.box);
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

const pairPage = (number) => {
  const pair = page.pairs[number];
  const [left, right] = bothOf(pair);
  const alone = (place, side) =>
    place !== null &&
    el("a", { href: `#${sidePrefix(side)}${place}` }, `${SIDES[side]} #${place} alone`);
  const links = el(
    "p",
    { class: "note links" },
    el("b", {}, verdict(pair)),
    placesOf(pair).map(alone),
  );
  const head = el("header", { class: "headline" }, heading(`#${number}`, left ?? right), links);
  return [head, pairView(pair)];
};

const backLink = ({ side, number }) => {
  const pair = page.pairs.findIndex((pair) => placesOf(pair)[side] === number);
  return note(el("a", { href: `#${pair}` }, "Back to both recordings"));
};
