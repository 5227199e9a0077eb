/* Draws the charts of a page under its strict policy: Vega's expressions are read by the interpreter (no eval), nothing
   writes a style attribute or element, and our own tooltip stands in for vega-tooltip, which would. */

const LIBRARIES = ["vega.min.js", "vega-lite.min.js", "vega-embed.min.js", "vega-interpreter.min.js"];
const INTERPOLATED = ["ramp", "heatmap", "ordinal", "diverging"];

let loaded;
function libraries() {
  loaded ??= Promise.all(
    LIBRARIES.map(
      (name) =>
        new Promise((resolve, reject) => {
          const script = document.createElement("script");
          script.src = new URL(`../vendor/${name}`, import.meta.url).href;
          script.async = false;
          script.onload = resolve;
          script.onerror = () => reject(new Error(`${name} is missing: run "make setup"`));
          document.head.append(script);
        }),
    ),
  );
  return loaded;
}

/* Scales that mix colours need their values; all other colours stay names, so that they follow light, dark and print. */
function mixable(config, place) {
  const probe = document.createElement("i");
  place.append(probe);
  const range = { ...config.range };
  for (const name of INTERPOLATED) {
    range[name] = range[name]?.map((colour) => {
      probe.style.color = colour;
      return getComputedStyle(probe).color;
    });
  }
  probe.remove();
  return { ...config, range };
}

const tip = document.createElement("div");
tip.className = "chart-tip";
tip.hidden = true;

function lines(value) {
  if (typeof value !== "object" || value === null) return [document.createTextNode(String(value))];
  return Object.entries(value).map(([name, text]) => {
    const line = document.createElement("div");
    const label = document.createElement("span");
    label.textContent = name;
    line.append(label, ` ${text}`);
    return line;
  });
}

function showTip(_handler, event, _item, value) {
  if (value === null || value === undefined || value === "") {
    tip.hidden = true;
    return;
  }
  tip.replaceChildren(...lines(value));
  if (!tip.isConnected) document.body.append(tip);
  tip.hidden = false;
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, room))}px`;
  tip.style.top = `${Math.max(8, event.clientY - tip.offsetHeight - 10)}px`;
}

async function draw(figure) {
  const view = figure.querySelector(".chart-view");
  const spec = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  try {
    await libraries();
    const { expressionInterpreter } = window.vegaInterpreter;
    figure.drawn?.finalize();
    figure.drawn = await window.vegaEmbed(view, { ...spec, config: mixable(spec.config, figure) }, {
      ast: true,
      expr: expressionInterpreter,
      defaultStyle: false,
      actions: false,
      renderer: "svg",
      tooltip: showTip,
    });
    view.querySelector("svg").setAttribute("aria-hidden", "true"); // what it shows is said by the label and the table
    figure.dataset.drawn = "yes";
  } catch (problem) {
    figure.dataset.drawn = "no";
    figure.querySelector("details").open = true;
    console.error(problem);
  }
}

function drawAll(again) {
  for (const figure of document.querySelectorAll("figure.chart")) {
    if (again || !figure.dataset.drawn) {
      figure.dataset.drawn = "soon";
      draw(figure);
    }
  }
}

drawAll(false);
document.addEventListener("htmx:after:swap", () => drawAll(false));
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(true));
