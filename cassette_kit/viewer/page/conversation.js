/** What was said: the request's messages, those of the turn before folded, and the answer. */
const conversationView = (interaction, at) => {
  const messages = [...interaction.messages, ...interaction.answers];
  const asked = interaction.messages.length;
  const fresh = new Set(interaction.fresh);
  const make = (place) =>
    messageView(page.messages[messages[place]], {
      id: `message-${place}`,
      label: place < asked ? `Message ${place}` : "Answer",
      fresh: interaction.before !== null && fresh.has(place),
      tags: messageTags(interaction, place, fresh, at),
    });
  const runs = runsOf(asked, (place) => interaction.before === null || fresh.has(place)).map(
    (run) => ({ ...run, box: runBox(run, make, interaction, at) }),
  );
  const answer = longList(
    (place) => make(asked + place),
    interaction.answers.length,
    50,
    "answers",
  );
  const node = el(
    "div",
    { class: "conversation" },
    settingsView(interaction),
    el(
      "section",
      { "aria-labelledby": "asked" },
      el("h3", { id: "asked", class: "off-screen" }, "Request"),
      runs.map((run) => run.box),
    ),
    el(
      "section",
      { class: "answer", "aria-labelledby": "answered" },
      el("h3", { id: "answered" }, "Answer"),
      errorView(interaction),
      answer,
      endView(interaction),
    ),
  );
  const select = (place) => {
    if (place === null) return;
    const run = runs.find(({ from, to }) => place >= from && place < to);
    if (run) run.box.reveal(place - run.from);
    const message = byId(`message-${place}`);
    message?.scrollIntoView({ block: "center" });
    message?.classList.add("found");
  };
  return { node, select };
};

/** Neighbours that agree, as runs. */
const runsOf = (length, isShown) => {
  const runs = [];
  for (let place = 0; place < length; place++) {
    const last = runs.at(-1);
    if (last?.isShown === isShown(place)) last.to = place + 1;
    else runs.push({ from: place, to: place + 1, isShown: isShown(place) });
  }
  return runs;
};

const runBox = ({ from, to, isShown }, make, { before }, at) => {
  const list = () => longList((place) => make(from + place), to - from, 100, "messages");
  if (isShown) return list();
  return fold(`${counted(to - from, "message")} as before (#${before})`, list, {
    class: "as-before",
  });
};

const messageTags = ({ before }, place, fresh, at) => [
  before !== null && fresh.has(place) && el("span", { class: "tag new" }, "new"),
  el(
    "a",
    {
      class: "anchor",
      href: href({ ...at, view: "messages", item: place }),
      "aria-label": `Link to message ${place}`,
    },
    `${place}`,
  ),
];

/** The request's settings, folded; those that changed since the turn before stand open. */
const settingsView = ({ asked, before }) => {
  const names = asked.settings.map(([name]) => name).join(", ");
  return el(
    "div",
    { class: "settings" },
    asked.settings.length > 0 &&
      fold([el("b", {}, "Settings "), names], () => settingTable(asked.settings)),
    asked.changed.length > 0 && [
      note(el("span", { class: "tag new" }, "new"), ` other settings than in #${before}:`),
      table("numbers", asked.changed.map(changeRow), ["Setting", `#${before}`, "Now"]),
    ],
  );
};

const changeRow = ([name, ...values]) => [
  name,
  ...values.map((text) => (text === null ? "not set" : settingText(text))),
];

const settingTable = (settings) =>
  table(
    "fields",
    settings.map(([name, text]) => [name, settingText(text)]),
  );

const MAX_OPEN_SETTING = 600;

/** What is set; a long text, as schemas are, is folded. `mark` may make other nodes of it. */
const settingText = (text, mark = null) => {
  const shown = readable(text);
  const make = () => marked(shown, mark) ?? longText(shown, { class: "prose" }, "div");
  return text.length > MAX_OPEN_SETTING ? fold(counted(text.length, "character"), make) : make();
};

const errorView = ({ answered }) =>
  answered.error &&
  el(
    "div",
    { class: "problem" },
    el("b", {}, "Error "),
    longText(answered.error, { class: "prose" }, "div"),
  );

const ENDS = {
  client_closed: "The caller closed the stream before its end.",
  upstream_error: "The connection broke before the stream's end.",
};

const endView = ({ answered, end }) => [
  answered.finish.filter(Boolean).length > 0 &&
    note(`Finish reason: ${answered.finish.filter(Boolean).join(", ")}`),
  ENDS[end] && el("p", { class: "problem" }, ENDS[end]),
];
