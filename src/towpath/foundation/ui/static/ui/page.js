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
