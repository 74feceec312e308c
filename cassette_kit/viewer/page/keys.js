/** The keys of the help; `shown` is the main part, `navigation` the list beside it. */
const keyTable = (shown, navigation) => ({
  j: () => step(navigation, 1),
  k: () => step(navigation, -1),
  "]": () => stepEvent(route(), 1),
  "[": () => stepEvent(route(), -1),
  p: () => shown.view?.play?.(),
  t: nextTheme,
  "/": () => byId("search").focus(),
  "?": () => byId("help").showModal(),
  ...Object.fromEntries(
    Object.keys(VIEWS).map((view, at) => [at + 1, () => turnTo(route(), view)]),
  ),
});

/** To the next interaction in the same view, or of two recordings to the next pair. */
const step = (navigation, by) => {
  const at = route();
  const row = navigation.rowOf(at) ?? 0;
  const number = Math.max(0, Math.min(navigation.length - 1, row + by));
  if (number === row) return;
  go(page.pairs ? { side: -1, number } : { side: 0, number, view: at.view });
};

const stepEvent = (at, by) => {
  if (at.view !== "events") return;
  const last = page.sides[at.side].interactions[at.number].events.length - 1;
  go({ ...at, item: at.item === null ? 0 : Math.max(0, Math.min(last, at.item + by)) });
};

const turnTo = (at, view) => {
  if (at.side >= 0) go({ ...at, view, item: null });
};

const listenToKeys = (shown, navigation, search) => {
  const keys = keyTable(shown, navigation);
  const areOn = byId("keys");
  areOn.checked = remembered("keys") !== "off";
  areOn.addEventListener("change", () => remember("keys", areOn.checked ? "on" : "off"));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") search.close();
    if (!areOn.checked || isChord(event) || isTyping(event.target) || byId("help").open) return;
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
};

const isTyping = (target) => target.matches("input:not([type=range]), select, textarea");
