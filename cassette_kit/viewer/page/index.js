const table = document.querySelector(".cassettes");
const heads = [...table.tHead.rows[0].cells];
const body = table.tBodies[0];
const rows = [...body.rows];
const said = document.querySelector("[role=status]");
const field = document.getElementById("filter");

/** What a row is sorted by: a number where the cell has a key, else its text; null for nothing. */
const keyOf = (row, column) => {
  const cell = row.cells[column];
  if (cell?.dataset.key !== undefined) return cell.dataset.key && Number(cell.dataset.key);
  return cell?.textContent.trim();
};

const isNothing = (key) => key === undefined || key === "";

/** Rows without a key stand at the end, whatever the order; equal ones stay as they stood. */
const compared = (one, other, order) => {
  if (isNothing(one) || isNothing(other)) return isNothing(one) - isNothing(other);
  if (typeof one === "number") return one === other ? 0 : order * (one < other ? -1 : 1);
  return order * one.localeCompare(other, "en", { numeric: true });
};

const sortBy = (column) => {
  const head = heads[column];
  const order =
    { ascending: -1, descending: 1 }[head.ariaSort] ?? Number(head.dataset.order ?? 1);
  for (const other of heads) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order > 0 ? "ascending" : "descending");
  rows.sort((one, other) => compared(keyOf(one, column), keyOf(other, column), order));
  body.append(...rows);
};

const filter = () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
  const shown = rows.filter((row) => !row.hidden).length;
  const all = rows.length === 1 ? "1 cassette" : `${rows.length} cassettes`;
  said.textContent = words.length > 0 ? `${shown} of ${all}` : all;
};

heads.forEach((head, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  button.addEventListener("click", () => sortBy(column));
  head.append(button);
});
field.addEventListener("input", filter);
field.closest("search").hidden = false;
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && field.value) {
    field.value = "";
    filter();
  }
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target === field) return;
  event.preventDefault();
  field.focus();
});
filter();
