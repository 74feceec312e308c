const SPEEDS = [0.25, 1, 2, 4, 16];
const STEPS = 1000;

/**
 * The answer as it came: a slider, a speed, and the text that had come by then.
 *
 * `onMove(ms)` is told each position, `onEvent(place)` the event that was played, null before the
 * first, and `onRest(place)` the one at which it stays; null when it begins to play.
 */
class Playback {
  constructor(interaction, times, { onMove, onEvent, onRest }) {
    this.total = interaction.timing.total_ms;
    this.times = times;
    Object.assign(this, { onMove, onEvent, onRest });
    this.ends = textEnds(interaction.events);
    this.text = interaction.events.map((event) => event[2]).join("");
    this.at = this.total;
    this.toggle = button("Play", () => this.flip(), { class: "play" });
    this.slider = el("input", {
      type: "range",
      min: 0,
      max: STEPS,
      value: STEPS,
      "aria-label": "Position",
      input: () => {
        this.keepRoom();
        this.play((this.slider.value / STEPS) * this.total);
      },
      change: () => this.onRest(this.place),
      keydown: (event) => this.onKey(event),
    });
    this.speed = el(
      "select",
      { "aria-label": "Speed" },
      SPEEDS.map((speed) => el("option", { value: speed, selected: speed === 1 }, `×${speed}`)),
    );
    this.clock = el("span", { class: "clock" });
    this.output = document.createTextNode("");
    this.written = 0;
    this.screen = el(
      "div",
      { class: "growing", role: "region", tabindex: "0", "aria-label": "The visible text so far" },
      el("div", { class: "prose", dir: "auto" }, this.output),
    );
    this.view = el(
      "div",
      { class: "playback", role: "group", "aria-label": "Playback" },
      el("div", { class: "controls" }, this.toggle, this.slider, this.speed, this.clock),
      this.screen,
    );
    this.show(this.total);
  }

  get isPlaying() {
    return this.frame !== undefined;
  }

  flip() {
    if (this.isPlaying) this.stop("Paused");
    else this.start();
  }

  /** The room that the whole text takes is kept, so that nothing below it moves. */
  keepRoom() {
    this.screen.style.height = `${this.screen.offsetHeight}px`;
  }

  start() {
    this.keepRoom();
    this.onRest(null);
    if (this.at >= this.total) this.show(0);
    this.toggle.textContent = "Pause";
    announce(`Playing at ×${this.speed.value}`);
    let last = performance.now();
    const step = (now) => {
      if (!this.view.isConnected) return this.stop("");
      this.play(Math.min(this.total, this.at + (now - last) * Number(this.speed.value)));
      last = now;
      if (this.at >= this.total)
        return this.stop(`Played to the end, ${counted(this.times.length, "event")}`);
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  stop(text) {
    cancelAnimationFrame(this.frame);
    this.frame = undefined;
    this.toggle.textContent = "Play";
    if (this.view.isConnected) this.onRest(this.place);
    announce(text);
  }

  seek(at) {
    this.keepRoom();
    this.show(at);
  }

  /** To a position, and the events along to it. */
  play(at) {
    this.show(at);
    this.onEvent(this.place);
  }

  /** The last event that had come by now; null before the first. */
  get place() {
    const place = lastBefore(this.times, this.at);
    return place < 0 ? null : place;
  }

  /** Arrow keys go to the next event, or to the one before; none is passed over. */
  onKey(event) {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by || isChord(event)) return;
    event.preventDefault();
    let place = lastBefore(this.times, this.at) + Math.max(by, 0);
    if (by < 0) while (this.times[place] >= this.at) place -= 1;
    this.keepRoom();
    this.play(this.times[Math.min(place, this.times.length - 1)] ?? 0);
    this.onRest(this.place);
  }

  show(at) {
    this.at = at;
    const { place } = this;
    const said = `${span(at)} of ${span(this.total)}, event ${place ?? "–"}`;
    this.slider.value = this.total ? (at / this.total) * STEPS : STEPS;
    this.slider.setAttribute("aria-valuetext", said);
    this.clock.textContent = said;
    this.write(place === null ? 0 : this.ends[place]);
    this.onMove(at);
  }

  /** Text that grows is added to, so that a long answer stays smooth. */
  write(end) {
    const from = end < this.written ? 0 : this.written;
    if (from === 0) this.output.data = "";
    if (end > from) this.output.appendData(visible(this.text.slice(from, end)));
    this.written = end;
  }
}
