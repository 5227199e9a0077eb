// The server is started anew for another store: go there once it answers for that one. Pages from which one
// may ask for that load this too, so that the browser has it when that server ends.
(() => {
  const next = document.querySelector("[data-invented-next]:not([data-turning])");
  if (!next) return;
  next.dataset.turning = "yes";
  const wanted = next.dataset.inventedNext === "yes";
  const look = async () => {
    try {
      const answer = await fetch("/healthz", { cache: "no-store" });
      if (answer.ok && answer.headers.has("Towpath-Invented") === wanted) {
        window.location.replace("/");
        return;
      }
    } catch {
      // Between the two servers nobody answers.
    }
    window.setTimeout(look, 300);
  };
  look();
})();
