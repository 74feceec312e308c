const page = JSON.parse(byId("data").textContent);

const openMenu = (opens) => {
  document.body.classList.toggle("nav-open", opens);
  byId("menu").setAttribute("aria-expanded", opens);
};

const start = () => {
  const search = new Search(byId("search"), byId("hits"));
  const navigation = new Navigation(byId("interactions"));
  const shown = new Shown(byId("main"), search);
  const follow = () => {
    const at = route();
    const wrong = corrected(at);
    const isOther = shown.show(at);
    if (wrong) shown.notice(`There is no ${wrong} in here: this is ${location.hash}.`);
    navigation.select(shown.at);
    openMenu(false);
    return isOther;
  };
  addEventListener("hashchange", () => {
    if (follow()) arrive();
    search.arrive();
  });
  setTheme(THEMES.includes(remembered("theme")) ? remembered("theme") : "auto");
  byId("theme").addEventListener("click", nextTheme);
  byId("menu").addEventListener("click", () =>
    openMenu(!document.body.classList.contains("nav-open")),
  );
  document.querySelector(".skip").addEventListener("click", skip);
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  addEventListener("beforeprint", () => shown.view?.print?.(true));
  addEventListener("afterprint", () => shown.view?.print?.(false));
  listenToKeys(shown, navigation, search);
  follow();
};

/** At another interaction: from its top, and read out, unless one is moving in the list. */
const arrive = () => {
  byId("main").scrollTop = 0;
  if (byId("interactions").contains(document.activeElement)) return;
  byId("main").querySelector("h2")?.focus({ preventScroll: true });
};

/** To the interaction that is shown, without an address of its own. */
const skip = (event) => {
  event.preventDefault();
  byId("main").focus();
};

start();
