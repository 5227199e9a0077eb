/* Small comforts; every page works without them. */
"use strict";

/* htmx requests carry Django's token, as forms do. */
document.addEventListener("htmx:config:request", (event) => {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (field) event.detail.ctx.request.headers["X-CSRFToken"] = field.value;
});

/* Menus close by Escape and by a click elsewhere. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* Times are shown where the person is: the server reads the zone from this cookie (middleware.PersonTimeZone). */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `timezone=${zone}; path=/; max-age=31536000; samesite=lax`;

/* A drop zone is a file input with a larger target: it says what was chosen, and takes what is dropped. */
function tellChosen(input) {
  const chosen = input.closest("[data-drop]").querySelector(".chosen");
  chosen.textContent = Array.from(input.files, (file) => file.name).join(", ");
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-drop] input[type=file]")) tellChosen(event.target);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const place = event.target instanceof Element ? event.target.closest("[data-drop]") : null;
    if (!place) return;
    event.preventDefault();
    place.classList.toggle("over", kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    const input = place.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/* Tables that are small enough to be here whole sort in place: <table data-sortable>, <td data-value="...">. */
function sortBy(head) {
  const table = head.closest("table");
  const place = head.cellIndex;
  const down = head.getAttribute("aria-sort") === "ascending";
  const keyOf = (row) => row.cells[place].dataset.value ?? row.cells[place].textContent.trim();
  const rows = Array.from(table.tBodies[0].rows);
  rows.sort((a, b) => keyOf(a).localeCompare(keyOf(b), document.documentElement.lang, { numeric: true }));
  if (down) rows.reverse();
  table.tBodies[0].append(...rows);
  for (const other of table.tHead.rows[0].cells) if (other.ariaSort) other.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
}
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("table[data-sortable] th button");
  if (button) sortBy(button.closest("th"));
});
