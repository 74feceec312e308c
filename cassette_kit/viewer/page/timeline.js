const AXIS = 26;
const MARKS = 34;
const CURVE = 84;
const EDGE = 10;
const HALF_LETTER = 4;

/** When each event came, counted from the sending of the request; null where that is unknown. */
const arrivals = (interaction) => {
  const { headers_ms, total_ms } = interaction.timing;
  return total_ms === null ? null : interaction.events.map((event) => headers_ms + event[3]);
};

/** The place of the last event that had come by then; -1 for none. */
const lastBefore = (times, at) => {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** A picture of a stream in time: a mark an event, the text as it grew, the first token, the gaps. */
class Timeline {
  constructor(interaction, times, onSelect, total = interaction.timing.total_ms) {
    this.interaction = interaction;
    this.times = times;
    this.total = Math.max(1, total);
    this.texts = textEnds(interaction.events);
    this.tip = el("div", { class: "tip", hidden: true, "aria-hidden": "true" });
    this.picture = svg("svg", {
      role: "img",
      "aria-label": this.label(),
      height: AXIS + MARKS + CURVE,
      "data-marks": times.length,
    });
    this.view = el("div", { class: "timeline" }, this.picture, this.tip);
    this.picture.addEventListener("pointermove", (event) => this.hover(event));
    this.picture.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.picture.addEventListener("click", (event) => onSelect(this.nearest(event)));
    new ResizeObserver(() => this.draw()).observe(this.view);
  }

  label() {
    const { timing, events } = this.interaction;
    const first = known(timing.first_token_ms, (ms) => `, the first token after ${span(ms)}`) ?? "";
    return `${counted(events.length, "event")} in ${span(timing.total_ms)}${first}, ${counted(timing.gaps.length, "gap")}`;
  }

  x(ms) {
    return EDGE + (ms / this.total) * (this.width - 2 * EDGE);
  }

  draw() {
    const width = this.view.clientWidth;
    if (!width || width === this.width) return;
    this.width = width;
    this.picture.setAttribute("viewBox", `0 0 ${width} ${AXIS + MARKS + CURVE}`);
    this.picture.setAttribute("width", width);
    this.chosen = svg("line", { class: "chosen", y1: 0, y2: CURVE + MARKS, visibility: "hidden" });
    this.head = svg("line", { class: "head", y1: 0, y2: CURVE + MARKS, visibility: "hidden" });
    this.picture.replaceChildren(
      ...this.waits(),
      this.curve(),
      ...this.marks(),
      ...this.axis(),
      this.chosen,
      this.head,
      this.first(),
    );
    this.select(this.selected);
    if (this.position !== undefined) this.play(this.position);
  }

  /** The wait for the headers, and the gaps. */
  waits() {
    const { headers_ms, gaps } = this.interaction.timing;
    const shown = gaps.map(([place, ms]) =>
      this.band("gap", this.times[place] - ms, this.times[place], span(ms)),
    );
    return [
      this.band("waiting", 0, headers_ms, `headers ${span(headers_ms)}`),
      ...shown.slice(0, 200),
    ];
  }

  band(kind, from, to, label) {
    const width = Math.max(1, this.x(to) - this.x(from));
    const isRoomy = width > label.length * 7;
    return svg(
      "g",
      { class: kind },
      svg("rect", { x: this.x(from), y: 0, width, height: CURVE + MARKS }),
      isRoomy &&
        svg("text", { x: this.x(from) + width / 2, y: 14, "text-anchor": "middle" }, label),
    );
  }

  /** The visible text in characters, as it grew. */
  curve() {
    const longest = this.texts.at(-1) || 1;
    const height = (end) => CURVE - (end / longest) * (CURVE - 24);
    const steps = this.times.map(
      (time, at) => `H${this.x(time).toFixed(1)}V${height(this.texts[at]).toFixed(1)}`,
    );
    return svg("path", { class: "curve", d: `M${this.x(0)} ${CURVE}${steps.join("")}V${CURVE}Z` });
  }

  /** One path for the events with text and one for the others: a mark of each is one `M`. */
  marks() {
    const { events } = this.interaction;
    const drawn = (hasText, top) =>
      this.times
        .map((time, at) =>
          !events[at][2] === hasText ? "" : `M${this.x(time).toFixed(1)} ${top}V${CURVE + MARKS}`,
        )
        .join("");
    return [
      svg("path", { class: "mark other", d: drawn(false, CURVE + MARKS - 12) }),
      svg("path", { class: "mark spoken", d: drawn(true, CURVE + MARKS - 26) }),
    ];
  }

  first() {
    const at = this.interaction.timing.first_token_ms;
    if (at === null) return svg("g", {});
    const isLeft = this.x(at) < this.width / 2;
    return svg(
      "g",
      { class: "first" },
      svg("line", { x1: this.x(at), x2: this.x(at), y1: 0, y2: CURVE + MARKS }),
      svg(
        "text",
        { x: this.x(at) + (isLeft ? 5 : -5), y: 32, "text-anchor": isLeft ? "start" : "end" },
        `first token ${span(at)}`,
      ),
    );
  }

  axis() {
    const step = niceStep(this.total / Math.max(2, this.width / 110));
    const ticks = Array.from({ length: Math.floor(this.total / step) + 1 }, (_, at) => at * step);
    return ticks.map((at) => {
      const label = at ? span(at) : "0";
      const isLast = this.x(at) + label.length * HALF_LETTER > this.width;
      const anchor = isLast ? "end" : at ? "middle" : "start";
      return svg(
        "g",
        { class: "tick" },
        svg("line", { x1: this.x(at), x2: this.x(at), y1: CURVE + MARKS, y2: CURVE + MARKS + 5 }),
        svg("text", { x: this.x(at), y: CURVE + MARKS + 20, "text-anchor": anchor }, label),
      );
    });
  }

  nearest(event) {
    const at = ((event.offsetX - EDGE) / (this.width - 2 * EDGE)) * this.total;
    const before = Math.max(0, lastBefore(this.times, at));
    const after = Math.min(this.times.length - 1, before + 1);
    return this.times[after] - at < at - this.times[before] ? after : before;
  }

  hover(event) {
    const place = this.nearest(event);
    const [name, , text] = this.interaction.events[place];
    this.tip.replaceChildren(
      el("b", {}, `${place}`),
      ` ${span(this.times[place])} ${visible(name).slice(0, 60)}`,
      text ? el("q", { dir: "auto" }, text.slice(0, 120)) : "",
    );
    this.tip.hidden = false;
    const middle = this.x(this.times[place]);
    this.tip.style.left = `${Math.max(0, Math.min(middle + 8, this.width - this.tip.offsetWidth))}px`;
  }

  select(place) {
    this.selected = place;
    if (this.chosen)
      this.put(this.chosen, place === undefined || place === null ? null : this.times[place]);
  }

  /** Where the playback stands. */
  play(at) {
    this.position = at;
    if (this.head) this.put(this.head, at);
  }

  put(line, at) {
    line.setAttribute("visibility", at === null ? "hidden" : "visible");
    if (at !== null) for (const end of ["x1", "x2"]) line.setAttribute(end, this.x(at));
  }
}

/** The next of 1, 2 or 5 times a power of ten. */
const niceStep = (least) => {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= least * 0.999);
};

/** How long the visible text is after each event. */
const textEnds = (events) => {
  let end = 0;
  return events.map((event) => (end += event[2].length));
};
