const THEMES = ["auto", "light", "dark"];

const setTheme = (theme) => {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `Theme: ${theme}`;
  remember("theme", theme);
};

const nextTheme = () =>
  setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]);

/** A page from a file may have no storage; then nothing is remembered. */
const remember = (name, value) => {
  try {
    localStorage.setItem(`cassette-kit ${name}`, value);
  } catch {
    return;
  }
};

const remembered = (name) => {
  try {
    return localStorage.getItem(`cassette-kit ${name}`);
  } catch {
    return null;
  }
};
