const EVENT_ROW = 28;
const MAX_PRINTED = 500;

/** The stream of an answer: its timeline, its playback, and a table of its events. */
const streamView = (interaction, at) => {
  const { events } = interaction;
  if (!events.length) return { node: note("This answer is no stream: it has no events.") };
  const times = arrivals(interaction);
  const choose = (place) => go({ ...at, view: "events", item: place });
  const timeline = times && new Timeline(interaction, times, choose);
  const playback =
    times &&
    new Playback(interaction, times, {
      onMove: (ms) => timeline.play(ms),
      onEvent: (place) => place !== shown && show(place),
      onRest: (item) => history.replaceState(null, "", href({ ...at, view: "events", item })),
    });
  const table = eventTable(interaction, times, at);
  const unprinted = el("p", { class: "unprinted" });
  const detail = el("section", { class: "detail", "aria-label": "Event" });
  let shown = null;
  const show = (chosen) => {
    shown = chosen;
    table.select(chosen);
    timeline?.select(chosen);
    detail.replaceChildren(
      ...(chosen === null
        ? [note("Choose an event in the table, or on the timeline.")]
        : eventDetail(events, chosen, times, choose)),
    );
  };
  const select = (place) => {
    const chosen = events[place] ? place : null;
    show(chosen);
    if (chosen !== null) playback?.seek(times[chosen]);
  };
  const print = (isOn) => {
    const left = events.length - MAX_PRINTED;
    table.print(isOn ? MAX_PRINTED : 0);
    unprinted.textContent = isOn && left > 0 ? `Not printed: ${counted(left, "more event")}.` : "";
  };
  const ready = () => {
    table.fill(events.length);
    timeline?.draw();
  };
  const node = el(
    "div",
    { class: "stream" },
    timeline
      ? [timing(interaction), timeline.view, playback.view]
      : note(
          "Times are unknown: this recording has no x-stream key, so there are only the events.",
        ),
    el(
      "div",
      { class: "events" },
      el(
        "div",
        {
          class: "table",
          role: "table",
          "aria-label": "Events",
          "aria-rowcount": events.length + 1,
        },
        eventHead(times),
        table.box,
        unprinted,
      ),
      detail,
    ),
  );
  return { node, select, ready, print, play: () => playback?.flip() };
};

const timing = ({ timing, events }) =>
  facts([
    ["Tokens per second", known(timing.tokens_per_second, rate)],
    ["Events per second", known(timing.events_per_second, rate)],
    [
      "Events",
      `${count(events.length)}, ${count(events.filter((event) => event[2]).length)} with text`,
    ],
    [
      "Gaps",
      timing.gaps.length
        ? `${count(timing.gaps.length)}, the longest ${span(longest(timing.gaps))}`
        : "none",
    ],
  ]);

const longest = (gaps) => gaps.reduce((most, [, ms]) => Math.max(most, ms), 0);

/** Names with their values; those without one are left out. */
const facts = (rows) =>
  el(
    "dl",
    { class: "facts" },
    rows
      .filter(([, value]) => value !== null && value !== "")
      .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );

const eventHead = (times) =>
  el(
    "div",
    { role: "rowgroup", class: "head" },
    el(
      "div",
      { role: "row", class: "event" },
      ["#", times ? "ms" : "", "name", "bytes", "text or data"].map((name) =>
        el(
          "span",
          { role: "columnheader" },
          name || el("span", { class: "off-screen" }, "no time"),
        ),
      ),
    ),
  );

const eventTable = ({ events }, times, at) =>
  new Rows(
    EVENT_ROW,
    (place) => {
      const [name, data, text, , size] = events[place];
      const cells = [
        el("a", { href: href({ ...at, view: "events", item: place }) }, `${place}`),
        times ? count(Math.round(times[place])) : "",
        name,
        count(size),
        text
          ? el("q", { dir: "auto" }, text.slice(0, 200))
          : el("span", { class: "data" }, data.slice(0, 200).trim()),
      ];
      return el(
        "div",
        { role: "row", "aria-rowindex": place + 2, class: "event" },
        cells.map((cell) => el("span", { role: "cell" }, cell)),
      );
    },
    { class: "rows event-rows", role: "presentation" },
    { role: "rowgroup" },
  );

const eventDetail = (events, place, times, choose) => {
  const [name, data, text, , size] = events[place];
  const wait = times && place ? ` (+${span(times[place] - times[place - 1])})` : "";
  return [
    el(
      "div",
      { class: "bar" },
      el("h3", {}, `Event ${place}`),
      button("‹", () => choose(place - 1), { "aria-label": "Event before", disabled: place === 0 }),
      button("›", () => choose(place + 1), {
        "aria-label": "Next event",
        disabled: place === events.length - 1,
      }),
      copyButton("Copy", () => data),
    ),
    facts([
      ["Name", name],
      ["At", times && span(times[place]) + wait],
      ["Size", bytes(size)],
      ["Text", text && el("q", { dir: "auto" }, text.slice(0, 2000))],
    ]),
    longText(readableEvent(data), { class: "code", dir: "ltr" }),
  ];
};

/** An event with the JSON of each of its lines laid out. */
const readableEvent = (data) =>
  data
    .trimEnd()
    .split(/\r\n|\r|\n/)
    .map((line) => {
      const [, field, value] = /^(data: ?|)([^]*)$/.exec(line);
      return field + readable(value);
    })
    .join("\n");
