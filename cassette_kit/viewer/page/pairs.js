const SIDES = ["A", "B"];

/** Both interactions of a pair; null where a recording has none. */
const bothOf = (pair) =>
  pair.map((place, side) => (place === null ? null : page.sides[side].interactions[place]));

/** How the answers of a pair compare, in a word or two. */
const verdict = (pair) => {
  const [left, right] = bothOf(pair);
  if (!left || !right) return left ? "only in A" : "only in B";
  const isSame = (key) => senses(left[key]).join() === senses(right[key]).join();
  const isSameRequest = isSame("messages") && sameSettings(left, right);
  const isSameAnswer = isSame("answers") && left.code === right.code;
  if (isSameRequest) return isSameAnswer ? "same" : "answer differs";
  return isSameAnswer ? "request differs" : "request and answer differ";
};

/** What messages say, whatever their ids: one number for those that say the same. */
const senses = (messages) => messages.map((place) => page.senses[place]);

const settingsOf = ({ asked }) => new Map(asked.settings.map(([name, text]) => [name, text]));

const sameSettings = (left, right) =>
  JSON.stringify([...settingsOf(left)]) === JSON.stringify([...settingsOf(right)]);

/** Two recordings of one call beside each other: what was said first, then how fast. */
const pairView = (pair) => {
  const both = bothOf(pair);
  const [left, right] = both;
  return el(
    "div",
    { class: "pair" },
    el("h3", {}, "Answer"),
    besides(both, "Answer", (interaction, other) => [
      errorView(interaction),
      comparedMessages(interaction, other, "answers"),
      endView(interaction),
    ]),
    left && right && comparedSettings(left, right),
    el("h3", {}, "Request"),
    besides(both, "Request", (interaction, other) =>
      comparedMessages(interaction, other, "messages"),
    ),
    el("h3", {}, "Timing and usage"),
    comparedNumbers(left, right),
    comparedTimelines(both),
  );
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

const comparedSettings = (left, right) => {
  const [mine, theirs] = [left, right].map(settingsOf);
  const names = [...new Set([...mine.keys(), ...theirs.keys()])];
  const rows = names
    .filter((name) => mine.get(name) !== theirs.get(name))
    .map((name) => [name, ...[mine, theirs].map((one) => settingText(one.get(name) ?? "–"))]);
  return (
    rows.length > 0 && [
      el("h3", {}, "Settings that differ"),
      table("numbers", rows, ["Setting", "A", "B"]),
    ]
  );
};

/** Messages that both have are folded; in the others the words that differ are marked. */
const comparedMessages = (interaction, other, key) => {
  const mine = interaction[key];
  const theirs = other ? other[key] : [];
  const shared = new Set(senses(theirs));
  const make = (place) =>
    messageView(page.messages[mine[place]], {
      label: `Message ${place}`,
      mark: marker(page.messages[mine[place]], page.messages[theirs[place]]),
    });
  const isOpen = (place) => key === "answers" || !shared.has(page.senses[mine[place]]);
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
  return (text, at) => {
    const part = other.parts[at];
    const isAlike = part && part.kind === message.parts[at].kind;
    return differing(text, isAlike ? partText(part) : "").map(([piece, differs]) =>
      differs ? el("mark", {}, textNode(piece)) : textNode(piece),
    );
  };
};

const partText = (part) =>
  part.kind === "result" ? part.parts.map(partText).join("\n") : readable(part.text ?? "");
