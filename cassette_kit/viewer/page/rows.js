/**
 * A long list of rows of one height, of which only those in sight are in the document.
 *
 * `make(place)` gives a row. A row's first link takes the focus: one is in the tab order, the
 * others are reached with the arrow keys, Home and End.
 */
class Rows {
  constructor(height, make, attributes, roomAttributes) {
    this.height = height;
    this.make = make;
    this.length = 0;
    this.active = 0;
    this.current = null;
    this.onPaper = 0;
    this.made = new Map();
    this.room = el("div", { class: "rows-room", ...roomAttributes });
    this.box = el("div", { class: "rows", ...attributes }, this.room);
    this.box.addEventListener("scroll", () => this.draw(), { passive: true });
    this.box.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => this.draw()).observe(this.box);
  }

  /** Show that many rows, anew. */
  fill(length) {
    this.length = length;
    this.clear();
    this.room.style.height = `${length * this.height}px`;
    this.draw();
  }

  clear() {
    for (const row of this.made.values()) row.remove();
    this.made.clear();
  }

  /** Make the first so many rows, in sight or not, for paper; with 0 those in sight again. */
  print(most) {
    this.onPaper = Math.min(most, this.length);
    this.draw();
  }

  draw() {
    const [first, last] = this.onPaper ? [0, this.onPaper] : this.inSight();
    for (const [place, row] of this.made) {
      const isWanted = (place >= first && place < last) || row.contains(document.activeElement);
      if (!isWanted) this.drop(place, row);
    }
    for (let place = first; place < last; place++) if (!this.made.has(place)) this.add(place);
  }

  inSight() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.height) - 5);
    const more = Math.ceil(this.box.clientHeight / this.height) + 10;
    return [first, Math.min(this.length, first + more)];
  }

  drop(place, row) {
    row.remove();
    this.made.delete(place);
  }

  /** Rows stand in the document in their order, for those who have it read to them. */
  add(place) {
    const row = this.make(place);
    row.style.top = `${place * this.height}px`;
    row.dataset.place = place;
    this.mark(row, place);
    const next = [...this.made.keys()].filter((other) => other > place);
    this.room.insertBefore(row, next.length ? this.made.get(Math.min(...next)) : null);
    this.made.set(place, row);
  }

  mark(row, place) {
    const link = row.querySelector("a");
    link.tabIndex = place === this.active ? 0 : -1;
    if (place === this.current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    row.classList.toggle("current", place === this.current);
  }

  /** Make a row the current one (null for none) and bring it into sight, with those around it. */
  select(place) {
    this.current = place;
    if (place !== null) this.reach(place, (this.box.clientHeight - this.height) / 2);
    for (const [other, row] of this.made) this.mark(row, other);
  }

  /** Scroll no more than a row needs to be in sight; one that was not gets `margin` around it. */
  reach(place, margin = 0) {
    this.active = place;
    const top = place * this.height;
    const last = this.box.scrollTop + this.box.clientHeight - this.height;
    if (top < this.box.scrollTop) this.box.scrollTop = top - margin;
    else if (top > last) this.box.scrollTop += top - last + margin;
    this.draw();
  }

  onKey(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.height) - 1);
    const steps = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    if (!(event.key in steps) || isChord(event)) return;
    event.preventDefault();
    const wanted = this.active + steps[event.key];
    this.reach(Math.max(0, Math.min(this.length - 1, wanted)));
    for (const [place, row] of this.made) this.mark(row, place);
    this.made.get(this.active)?.querySelector("a").focus({ preventScroll: true });
  }
}

const isChord = (event) => event.ctrlKey || event.metaKey || event.altKey;
