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
    const isOther = shown.show(route());
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
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  listenToKeys(shown, navigation, search);
  follow();
};

/** At another interaction: from its top, and read out, unless one is moving in the list. */
const arrive = () => {
  byId("main").scrollTop = 0;
  if (byId("interactions").contains(document.activeElement)) return;
  byId("main").querySelector("h2")?.focus({ preventScroll: true });
};

start();
