(() => {
  const input = document.getElementById("filter");
  const count = document.getElementById("count");
  const fold = s => s.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const rows = [...document.querySelectorAll(".answer")].map(row => ({
    row, text: fold([...row.querySelectorAll("h3, .name bdi, .folded li")].map(e => e.textContent).join("\n")),
  }));
  const sections = [...document.querySelectorAll("section")].filter(s => s.querySelector(".answer"));
  const apply = () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, text } of rows) {
      row.hidden = !words.every(w => text.includes(w));
      if (!row.hidden) shown++;
    }
    for (const s of sections) s.hidden = !s.querySelector(".answer:not([hidden])");
    count.textContent = words.length ? `${shown} of ${rows.length}` : `${rows.length} queries`;
  };
  input.addEventListener("input", apply);
  document.addEventListener("keydown", e => {
    if (e.key === "/" && document.activeElement !== input) { e.preventDefault(); input.focus(); }
    if (e.key === "Escape" && document.activeElement === input) { input.value = ""; apply(); }
  });
  input.closest(".tools").hidden = false;
  apply();
})();
