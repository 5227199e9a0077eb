// The server is started anew for another store: go there once it answers for that one.
(() => {
  const wanted = document.querySelector("[data-invented-next]").dataset.inventedNext === "yes";
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
