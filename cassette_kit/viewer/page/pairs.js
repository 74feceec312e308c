const SIDES = ["A", "B"];

/** Both interactions of a pair; null where a recording has none. */
const bothOf = (pair) =>
  placesOf(pair).map((place, side) =>
    place === null ? null : page.sides[side].interactions[place],
  );

const placesOf = ({ left, right }) => [left, right];

/** How a pair compares, in a word or two. */
const verdict = ({ left, right, same_request, same_answer }) => {
  if (right === null) return "only in A";
  if (left === null) return "only in B";
  if (same_request) return same_answer ? "same" : "answer differs";
  return same_answer ? "request differs" : "request and answer differ";
};

/** What a message says, its thinking too, whatever its ids: equal for those that say the same. */
const told = (place) =>
  JSON.stringify([page.senses[place], page.messages[place].parts.filter(isThinking)]);

const isThinking = ({ kind }) => kind === "thinking";

/** Two recordings of one call beside each other: what was said first, then how fast. */
const pairView = (pair) => {
  const both = bothOf(pair);
  const [left, right] = both;
  const changed = left && right && !pair.same_request ? changedSettings(left, right) : [];
  return el(
    "div",
    { class: "pair" },
    el("h3", {}, "Answer"),
    left && right && !pair.same_answer && unseen(pair, "response", answerText),
    besides(both, "Answer", (interaction, other) => [
      errorView(interaction),
      comparedMessages(interaction, other, "answers"),
      other && other.model !== interaction.model && note(`Model: ${interaction.model || "–"}`),
      endView(interaction),
    ]),
    changed.length > 0 && [
      el("h3", {}, "Settings that differ"),
      table("numbers", changed, ["Setting", "A", "B"]),
    ],
    el("h3", {}, "Request"),
    left && right && !pair.same_request && !changed.length && unseen(pair, "request", requestText),
    besides(both, "Request", (interaction, other) => [
      other && comparedAddress(interaction, other),
      comparedMessages(interaction, other, "messages"),
    ]),
    el("h3", {}, "Timing and usage"),
    comparedNumbers(left, right),
    comparedTimelines(both),
  );
};

/** What is shown of an answer, and of a request beside its settings. */
const answerText = ({ code, model, end, answered, answers }) =>
  JSON.stringify([code, model, end, answered.error, answered.finish, answers.map(told)]);
const requestText = ({ method, url, messages }) =>
  JSON.stringify([method, url, messages.map(told)]);

/** Where to look if two that differ show the same. */
const unseen = (pair, view, textOf) => {
  const [left, right] = bothOf(pair).map(textOf);
  if (left !== right) return null;
  const [one, other] = placesOf(pair).map((number, side) =>
    el("a", { href: href({ side, number, view }) }, `${SIDES[side]} #${number}`),
  );
  const told = `They differ in fields that are not shown here: see the raw ${view}s, `;
  return note(told, one, " and ", other, ".");
};

/** Both addresses, where they are not one. */
const comparedAddress = (interaction, other) => {
  const [mine, theirs] = [interaction, other].map(({ method, url }) => clipped(`${method} ${url}`));
  return mine !== theirs && el("p", { class: "address" }, markedWords(mine, theirs));
};

const besides = (both, what, make) =>
  el(
    "div",
    { class: "beside" },
    both.map((interaction, side) =>
      el(
        "section",
        { "aria-label": `${what} of ${SIDES[side]}` },
        sideName(side),
        interaction ? make(interaction, both[1 - side]) : note("It has no such interaction."),
      ),
    ),
  );

/** The streams of a pair under each other, in one scale. */
const comparedTimelines = (both) => {
  const total = Math.max(...both.map((interaction) => interaction?.timing.total_ms ?? 0));
  return both.map((interaction, side) => {
    const times = interaction && arrivals(interaction);
    const open = (place) =>
      go({
        side,
        number: page.sides[side].interactions.indexOf(interaction),
        view: "events",
        item: place,
      });
    return (
      times &&
      interaction.events.length > 0 &&
      el(
        "section",
        { "aria-label": `Stream of ${SIDES[side]}` },
        sideName(side),
        new Timeline(interaction, times, open, total).view,
      )
    );
  });
};

const sideName = (side) =>
  el("p", { class: "side" }, el("b", {}, SIDES[side]), ` ${page.sides[side].name}`);

const NUMBERS_OF_A_PAIR = [
  ["Status", ({ code }) => code, String],
  ["Headers", ({ timing }) => timing.headers_ms, span],
  ["First token", ({ timing }) => timing.first_token_ms, span],
  ["All", ({ timing }) => timing.total_ms, span],
  ["Tokens per second", ({ timing }) => timing.tokens_per_second, rate],
  ["Events per second", ({ timing }) => timing.events_per_second, rate],
  ["Events", ({ events }) => events.length || null, count],
  ["Input tokens", ({ answered }) => answered.input, count],
  ["Output tokens", ({ answered }) => answered.output, count],
];

const comparedNumbers = (left, right) => {
  const rows = NUMBERS_OF_A_PAIR.map(([name, number, show]) => {
    const both = [left && number(left), right && number(right)];
    return [name, ...both.map((value) => known(value, show)), change(name, ...both)];
  });
  const told = rows.filter(([, one, other]) => (one ?? other) !== null);
  return table(
    "numbers",
    told.map((row) => row.map((cell) => cell ?? "–")),
    ["", "A", "B", "Change"],
  );
};

const change = (name, one, other) => {
  if (one === null || other === null || one === other) return "";
  if (name === "Status" || !one) return "other";
  const percent = count(Number((Math.abs(other / one - 1) * 100).toPrecision(2)));
  return `${other > one ? "+" : "−"}${percent} %`;
};

/** The settings that differ, with their texts on both sides. */
const changedSettings = (left, right) => {
  const [mine, theirs] = [left, right].map(({ asked }) => new Map(asked.settings));
  return [...new Map([...mine, ...theirs]).keys()]
    .map((name) => [name, mine.get(name), theirs.get(name)])
    .filter(([, one, other]) => one !== other)
    .map(([name, one, other]) => [name, comparedSetting(one, other), comparedSetting(other, one)]);
};

const comparedSetting = (text, other) => {
  if (text === undefined) return "–";
  const mark = other !== undefined && ((shown) => markedWords(shown, readable(other)));
  return settingText(text, mark || null);
};

/** Messages that both have are folded; in the others the words that differ are marked. */
const comparedMessages = (interaction, other, key) => {
  const mine = interaction[key];
  const theirs = other ? other[key] : [];
  const shared = new Set(theirs.map(told));
  const make = (place) =>
    messageView(page.messages[mine[place]], {
      label: `Message ${place}`,
      mark: marker(page.messages[mine[place]], page.messages[theirs[place]]),
    });
  const isOpen = (place) => key === "answers" || !shared.has(told(mine[place]));
  return runsOf(mine.length, isOpen).map(({ from, to, isShown }) => {
    const list = () => longList((place) => make(from + place), to - from, 50, "messages");
    return isShown
      ? list()
      : fold(`${counted(to - from, "message")} in both`, list, { class: "as-before" });
  });
};

/** What makes nodes of a part's text, its differences from the same part over there marked. */
const marker = (message, other) => {
  if (!other || other === message) return null;
  return (text, at, textOf = partText) => {
    const part = other.parts[at];
    const isAlike = part && part.kind === message.parts[at].kind;
    return markedWords(text, isAlike ? textOf(part) : "");
  };
};

const markedWords = (text, other) =>
  differing(text, other).map(([piece, differs]) =>
    differs ? el("mark", {}, textNode(piece)) : textNode(piece),
  );

const partText = (part) =>
  part.kind === "result" ? part.parts.map(partText).join("\n") : readable(part.text ?? "");
