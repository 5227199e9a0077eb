/* Home renews its figures while somebody looks: every few seconds it asks for them with the validator of those that it
   shows, and mostly hears 304, "still these". Without this script the page stands as it was sent. */
"use strict";

const EVERY = 3000;
const MARKED = 4000;
const SPOKEN = 30000; // Not more often: a page that talks all the time is not listened to.

const place = document.getElementById("home-now");
const said = document.getElementById("home-said");
let etag = place.dataset.etag;
let asking = false;
let spokenAt = 0;

function figures() {
  return new Map(Array.from(place.querySelectorAll("[data-figure]"), (each) => [each.dataset.figure, each]));
}

/* Links keep the focus and the page its place, so that renewing disturbs nobody who works with the keyboard. */
function replace(markup) {
  const before = new Map(Array.from(figures(), ([name, each]) => [name, each.textContent]));
  const links = () => Array.from(place.querySelectorAll("a, summary, button"));
  const focused = links().indexOf(document.activeElement);
  const address = document.activeElement.href;
  place.innerHTML = markup;
  const same = links().filter((each) => each.href === address);
  if (focused >= 0) (same.includes(links()[focused]) ? links()[focused] : same[0])?.focus({ preventScroll: true });
  const changed = Array.from(figures()).filter(([name, each]) => before.has(name) && before.get(name) !== each.textContent);
  for (const [, each] of changed) {
    each.classList.add("changed");
    setTimeout(() => each.classList.remove("changed"), MARKED);
  }
  age();
  if (changed.length) speak();
}

function speak() {
  const now = Date.now();
  const words = place.querySelector("[data-heard]")?.dataset.heard;
  if (!words || now - spokenAt < SPOKEN || words === said.textContent) return;
  spokenAt = now;
  said.textContent = words;
}

async function renew() {
  const selecting = !document.getSelection().isCollapsed;
  if (asking || document.hidden || selecting) return;
  asking = true;
  try {
    const answer = await fetch(place.dataset.renew, { headers: { "If-None-Match": etag }, cache: "no-store" });
    if (answer.status === 200 && !answer.redirected) {
      etag = answer.headers.get("ETag");
      replace(await answer.text());
    }
  } catch {
    // No network, or a server that starts anew: the next time will do.
  } finally {
    asking = false;
  }
}

/* "4 seconds ago" stays true between two answers. */
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always", style: "short" });
const UNITS = [["hour", 3600], ["minute", 60], ["second", 1]];
function age() {
  for (const each of place.querySelectorAll("time[data-ago]")) {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(each.dateTime)) / 1000));
    const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[2];
    each.textContent = relative.format(-Math.floor(seconds / length), unit);
  }
}

age();
setInterval(renew, EVERY);
setInterval(age, 1000);
document.addEventListener("visibilitychange", renew);
